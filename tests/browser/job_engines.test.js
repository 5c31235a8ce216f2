/** The main job in the other browsers. */
import { describeJob } from './job.js';

describeJob(['firefox', 'webkit']);
