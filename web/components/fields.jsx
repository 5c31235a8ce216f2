/** Small parts of forms. */

/**
 * A button that keeps the focus while it can't be pressed, for what is busy only for a while.
 * @param {import('preact').ButtonHTMLAttributes<HTMLButtonElement> & {off?: boolean, 'data-testid'?: string}} props
 */
export function Button({ off = false, onClick, ...rest }) {
  return (
    <button type="button" {...rest} aria-disabled={off ? 'true' : undefined} onClick={off ? undefined : onClick} />
  );
}

/** @param {{name: string, legend: string, value: string, options: {value: string, label: string}[], onChange: (value: string) => void, disabled?: boolean}} props */
export function Choices({ name, legend, value, options, onChange, disabled = false }) {
  return (
    <fieldset class="choices" disabled={disabled}>
      <legend class="visually-hidden">{legend}</legend>
      {options.map((option) => (
        <label class="choice" key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

/**
 * A button that opens the system's file picker.
 * @param {{id: string, label: string, accept?: string, small?: boolean, multiple?: boolean, folder?: boolean, testId: string, onFiles: (files: File[]) => void}} props
 */
export function FileButton({ id, label, accept, small = false, multiple = false, folder = false, testId, onFiles }) {
  return (
    <span class="file-button">
      <input
        id={id}
        class="file-input"
        type="file"
        accept={accept}
        multiple={multiple}
        {...(folder && { webkitdirectory: true })}
        data-testid={testId}
        onChange={(e) => {
          const input = e.currentTarget;
          if (input.files) onFiles([...input.files]);
          // So that the same file can be chosen again.
          input.value = '';
        }}
      />
      <label for={id} class={`button ${small ? 'small' : ''}`}>
        {label}
      </label>
    </span>
  );
}
