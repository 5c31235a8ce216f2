/** Sizes of a file by several ways, as bars beside one another. */
import { byteSize, fixed } from '../../format/numbers.js';

/**
 * @param {object} props
 * @param {string} props.caption
 * @param {number} props.length  bytes of the original
 * @param {{name: string, bytes: number, kind: string}[]} props.rows  `kind`: a class, for the colour
 * @param {string} [props.testId]
 */
export function SizeBars({ caption, length, rows, testId }) {
  const most = Math.max(...rows.map(({ bytes }) => bytes), 1);
  return (
    <table class="compress-sizes" data-testid={testId}>
      <caption class="visually-hidden">{caption}</caption>
      <tbody>
        {rows.map(({ name, bytes, kind }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="bar">
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class={kind} width={(100 * bytes) / most} height="8" />
              </svg>
            </td>
            <td>{byteSize(bytes)}</td>
            <td>{length > 0 ? `${fixed((8 * bytes) / length, 3)} bits a byte` : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
