/** Runs the quick static checks. */
import { describeChecks } from './checking.js';
import { CHECKS } from './checks.js';

describeChecks('static checks', CHECKS);
