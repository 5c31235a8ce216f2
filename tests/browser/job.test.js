// tier: quick
/** The main job in Chromium. */
import { describeJob } from './main_job.js';

describeJob(['chromium']);
