/** Flags: what a command takes, how a command line is read, and the help that lists them. */
import { readSetting, SETTINGS, settingOf } from '../engine/settings.js';
import { UsageError } from './errors.js';

/** @typedef {import('../engine/settings.js').Settings} Settings */
/** @typedef {import('../engine/settings.js').SettingGroup} SettingGroup */

/**
 * @typedef {object} Option
 * @property {string} name        as typed, without the dashes
 * @property {string} [short]     one letter that stands for it too, as in -o
 * @property {string} help        without the default
 * @property {string} [value]     what stands for the value in the help; without it the option is a flag, which
 *   `--no-…` turns off
 * @property {boolean} [many]     may be given more than once
 * @property {string} [setting]   the setting that it sets
 * @property {string[]} [choices] all values allowed
 * @property {[number, number]} [whole]  a whole number within these bounds
 * @property {string} [otherwise] what holds without it, for the help
 * @property {boolean} [environment]  where environment variables are read, it may come from one
 *
 * @typedef {object} Command
 * @property {string} name
 * @property {string} summary
 * @property {string[]} operands        what stands beside the flags, all needed
 * @property {[heading: string, options: Option[]][]} groups
 * @property {string} [notes]           what follows the list of flags in the help
 * @property {boolean} [environment]    whether settings may come from environment variables
 * @property {boolean} [survivesClosedOutput]  whether it goes on when nobody reads its output any more
 * @property {(args: Arguments) => Promise<number|void>} run  returns the exit status
 */

/** @type {Option} */
const HELP = { name: 'help', short: 'h', help: 'Show this help.' };

/** @param {string} name  a setting's or a flag's */
const flagOf = (name) => name.replaceAll('_', '-');

/**
 * Options that set settings.
 * @param {string[]} names
 * @param {string} [otherwise]  what holds without them, where it is not the default
 * @returns {Option[]}
 * @throws {Error} where settings.js has no such name
 */
export function settingOptions(names, otherwise) {
  return names.map((name) => {
    const s = settingOf(name);
    if (!s) throw new Error(`There is no setting ${name}.`);
    const value = { flag: undefined, choice: s.choices?.join('|'), int: 'N', float: 'X', text: 'TEXT', list: 'A,B…' }[
      s.type
    ];
    const unit = s.unit && s.type === 'float' ? ` (${s.unit})` : '';
    return {
      name: flagOf(name),
      help: s.help + unit,
      value,
      setting: name,
      otherwise: otherwise ?? (s.type === 'list' ? 'none' : String(s.default)),
      environment: true,
    };
  });
}

/**
 * Names of the settings of a group.
 * @param {SettingGroup} group
 * @returns {string[]}
 */
export function settingsOf(group) {
  return SETTINGS.filter((s) => s.group === group).map(({ name }) => name);
}

/** What was typed, checked. */
export class Arguments {
  constructor() {
    /** @type {string[]} */
    this.operands = [];
    /** Settings that were given, and nothing else. @type {Partial<Settings>} */
    this.settings = {};
    /** @type {Map<string, string[]>} */
    this.values = new Map();
    /** @type {Map<string, boolean>} */
    this.flags = new Map();
  }

  /** @param {string} name @returns {string|undefined} */
  get(name) {
    return this.values.get(name)?.at(-1);
  }

  /** @param {string} name @returns {string[]} */
  all(name) {
    return this.values.get(name) ?? [];
  }

  /** @param {string} name */
  has(name) {
    return this.flags.get(name) === true || this.values.has(name);
  }

  /**
   * @param {Option} option
   * @param {string|boolean} raw
   * @param {string} typed  how it was given, for messages
   */
  take(option, raw, typed) {
    const { name, setting, choices, whole } = option;
    if (setting) {
      const { value, error } = readSetting(setting, raw);
      if (error !== undefined) throw new UsageError('setting', { option: typed, error });
      Object.assign(this.settings, { [setting]: value });
    } else if (typeof raw === 'boolean') {
      this.flags.set(name, raw);
    } else {
      if (choices && !choices.includes(raw)) throw new UsageError('choice', { option: typed, choices });
      if (whole && !(/^\d+$/.test(raw) && Number(raw) >= whole[0] && Number(raw) <= whole[1])) {
        throw new UsageError('whole', { option: typed, least: whole[0], most: whole[1] });
      }
      if (raw === '') throw new UsageError('empty_value', { option: typed });
      this.values.set(name, [...(option.many ? this.all(name) : []), raw]);
    }
  }
}

/**
 * @param {Command} command
 * @returns {Map<string, Option>} every option by its name
 */
function optionsOf({ groups }) {
  return new Map([...groups.flatMap(([, options]) => options), HELP].map((option) => [option.name, option]));
}

/**
 * The option that a word starting with dashes means.
 * @param {Map<string, Option>} options
 * @param {string} word
 * @returns {{option: Option, on: boolean}}
 */
function lookUp(options, word) {
  const name = word.slice(2);
  const option = word.startsWith('--')
    ? options.get(name)
    : [...options.values()].find(({ short }) => word === `-${short}`);
  if (option) return { option, on: true };
  const negated = name.startsWith('no-') ? options.get(name.slice(3)) : undefined;
  if (negated && negated.value === undefined) return { option: negated, on: false };
  throw new UsageError('no_option', { option: word });
}

/**
 * Fills in what environment variables say and the command line does not.
 * @param {Command} command
 * @param {Arguments} args
 * @param {Record<string, string|undefined>} environment
 */
function takeEnvironment(command, args, environment) {
  for (const option of optionsOf(command).values()) {
    const variable = option.name.replaceAll('-', '_').toUpperCase();
    const raw = environment[variable];
    const { name, setting } = option;
    if (!option.environment || !raw || args.has(name) || (setting && Object.hasOwn(args.settings, setting))) continue;
    if (option.value !== undefined || setting) args.take(option, raw, variable);
    else args.flags.set(name, !['0', 'false', 'off', 'no'].includes(raw.toLowerCase()));
  }
}

/**
 * Reads a command line: `--name value`, `--name=value`, `--flag`, `--no-flag`; after `--` everything is an operand.
 * @param {Command} command
 * @param {string[]} words
 * @param {Record<string, string|undefined>} [environment]
 * @returns {Arguments}
 * @throws {UsageError}
 */
export function readArguments(command, words, environment = {}) {
  const args = new Arguments();
  const options = optionsOf(command);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === '--') {
      args.operands.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      args.operands.push(word);
      continue;
    }
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const typed = equals < 0 ? word : word.slice(0, equals);
    const { option, on } = lookUp(options, typed);
    if (option.value === undefined) {
      if (equals >= 0) throw new UsageError('takes_no_value', { option: typed });
      args.take(option, on, typed);
      continue;
    }
    const raw = equals < 0 ? words[++i] : word.slice(equals + 1);
    if (raw === undefined || (equals < 0 && raw.startsWith('--')))
      throw new UsageError('needs_value', { option: typed });
    args.take(option, raw, typed);
  }
  if (args.has('help')) return args;
  if (command.environment) takeEnvironment(command, args, environment);
  const { operands } = command;
  if (args.operands.length < operands.length)
    throw new UsageError('operand_missing', { operand: operands[args.operands.length] });
  if (args.operands.length > operands.length)
    throw new UsageError('too_many', { word: args.operands[operands.length] });
  return args;
}
