/** fast-check with a fixed seed, so that tests try the same cases each time; `CASES_SEED=n` tries others. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.CASES_SEED ?? 1) });

export default fc;
