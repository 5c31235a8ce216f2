// tier: slow
/** Runs the native test programs that say `// tier: slow`. */
import { describeNative } from './native_programs.js';

await describeNative('native core, under sanitizers, slow tests', 'slow');
