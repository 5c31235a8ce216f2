// tier: slow
/** Runs the linters of C that follow its paths. */
import { describeChecks } from './checking.js';
import { LINTERS } from './checks.js';

describeChecks('linters of C', LINTERS);
