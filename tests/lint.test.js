// tier: slow
/** Runs the static checks that take long. */
import { describeChecks } from './checking.js';
import { LINTERS } from './checks.js';

describeChecks('long static checks', LINTERS);
