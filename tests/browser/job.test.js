// tier: quick
/** The main job in Chromium. */
import { describeJob } from './job.js';

describeJob(['chromium']);
