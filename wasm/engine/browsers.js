/** Which browsers can run the core, for a sentence. */
export const ENOUGH = 'any Chrome, Edge or Firefox since 2021, or Safari since 16.4';
