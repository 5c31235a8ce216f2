/** Presets, and a form of every setting. */
import { applies } from '../../wasm/engine/kinds.js';
import { PRESETS } from '../../wasm/engine/presets.js';
import { differences, SETTINGS } from '../../wasm/engine/settings.js';
import { presetOf, presetSettings } from '../state/address.js';
import { useApp } from './context.js';
import { Fold } from './Fold.jsx';
import { Choices } from './fields.jsx';
import { Later } from './Later.jsx';
import { SettingField } from './SettingField.jsx';

/** @typedef {import('../../wasm/engine/settings.js').SettingGroup} SettingGroup */

/** Groups of the form, in order. Generation has its own place on the page. @type {[SettingGroup, string][]} */
const GROUPS = [
  ['model', 'Model'],
  ['borders', 'Borders'],
  ['training', 'Training'],
  ['stopping', 'Stop rules'],
  ['samples', 'Samples on the way'],
  ['losses', 'Losses'],
  ['data', 'Data'],
];

/** @param {{group: SettingGroup, title: string}} props */
function Group({ group, title }) {
  const { store } = useApp();
  const settings = store.settings.value;
  const list = SETTINGS.filter((s) => s.group === group && !s.hidden && applies(s, settings));
  if (list.length === 0) return null;
  const names = new Set(list.map(({ name }) => name));
  const changed = differences(settings, presetSettings(presetOf(settings) ?? '')).filter((name) =>
    names.has(name),
  ).length;
  const invalid = list.some(({ name }) => store.invalid.value[name]);
  return (
    <Fold
      class="settings-group"
      title={
        <>
          {title}
          <span class="changed">{invalid ? 'not valid' : changed > 0 ? `${changed} changed` : ''}</span>
        </>
      }
    >
      {() => (
        <div class="fields">
          {list.map((setting) => (
            <SettingField key={setting.name} setting={setting} />
          ))}
        </div>
      )}
    </Fold>
  );
}

function StartFrom() {
  const { store } = useApp();
  if (!store.model.value || store.state.value === 'training' || store.state.value === 'paused') return null;
  const going = store.continueWeights.value;
  return (
    <div class="preset">
      <p class="label">Start from</p>
      <Choices
        name="weights"
        legend="Start from"
        value={going ? 'open' : 'fresh'}
        options={[
          { value: 'fresh', label: 'Fresh weights' },
          { value: 'open', label: 'The open model' },
        ]}
        onChange={(value) => {
          store.continueWeights.value = value === 'open';
        }}
      />
      {going && (
        <p class="fine">
          It keeps its own shape, borders and batch; steps, learning rate and evaluation are those below.
        </p>
      )}
    </div>
  );
}

function OwnPresets() {
  return (
    <Fold class="settings-group" title="Your own presets" testId="own-presets-open">
      {() => <Later load={() => import('./data/OwnPresets.jsx')} />}
    </Fold>
  );
}

export function SettingsPanel() {
  const { store, actions } = useApp();
  const preset = presetOf(store.settings.value);
  return (
    <div class="block">
      <h3 class="panel-title">The settings</h3>
      <div class="preset">
        <Choices
          name="preset"
          legend="Preset"
          value={preset ?? ''}
          options={Object.entries(PRESETS).map(([value, { label }]) => ({ value, label }))}
          onChange={actions.choosePreset}
        />
        <p class="fine">{preset ? PRESETS[preset].help : 'Your own settings. They are in this page’s address.'}</p>
      </div>
      <OwnPresets />
      <StartFrom />
      <Later load={() => import('./data/Cost.jsx')} />
      {GROUPS.map(([group, title]) => (
        <Group key={group} group={group} title={title} />
      ))}
    </div>
  );
}
