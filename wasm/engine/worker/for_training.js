/** What training needs beside an open model. Loaded with the first text, since a page that shows a model trains nothing. */
export { Corpus, splitText } from '../corpus.js';
export { checkMarks } from '../marks.js';
export { Trainer } from '../trainer.js';
export { TrainingLoop } from './training.js';
