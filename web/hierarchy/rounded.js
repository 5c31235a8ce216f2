/** Rectangles with rounded corners, on canvases of browsers that draw them, and square ones elsewhere. */

/**
 * Adds one to the path.
 * @param {Pick<CanvasRenderingContext2D, 'rect'|'roundRect'>} context
 * @param {number} x  pixels, as all lengths
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {number[]} radii  of the corners, clockwise from the upper left
 */
export function rounded(context, x, y, width, height, radii) {
  if (context.roundRect) context.roundRect(x, y, width, height, radii);
  else context.rect(x, y, width, height);
}
