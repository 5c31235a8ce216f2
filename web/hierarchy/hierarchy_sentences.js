/** What the drawings and the inspector call the parts of a hierarchy. */

/** @param {number} level @returns {string} */
export const levelName = (level) => `level ${level}`;

export const ENTROPY = 'entropy';

/** The head of a model that has only one. */
export const ONE_HEAD = 'model';

/** Nothing is pointed at or chosen. */
export const UNCHOSEN = 'nothing chosen';

/** @param {number} index  from 0 @returns {string} */
export const byteHeading = (index) => `Byte ${index + 1}`;

/** @param {number} level @returns {string} */
export const tokenHeading = (level) => `Token of level ${level}`;

/** The way up. */
export const PART_OF = 'Up: it is part of';
/** The way down. */
export const KNEW = 'Down: the decoder knew, from above';
/** The parts of a token. */
export const MADE_OF = 'Made of';

/** Why a token ends where it does: before the name of what its rule compares with the threshold. */
export const CLOSED_AT = 'closed at';
/** What a token's state reaches: positions of the level below, and bytes. */
export const CONDITIONS = 'conditions';
export const DOWN_TO_BYTES = 'down to bytes';
