/** Where data sets are, unless a mirror is named. */
export const HUGGING_FACE = 'https://huggingface.co';
