/** Runs the quick native test programs. */
import { describeNative } from './native_programs.js';

await describeNative('native core, under sanitizers', 'quick');
