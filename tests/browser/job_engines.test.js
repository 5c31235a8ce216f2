/** The main job in the other browsers. */
import { describeJob } from './main_job.js';

describeJob(['firefox', 'webkit']);
