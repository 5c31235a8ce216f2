/**
 * What the page and the worker say to each other: commands one way, events the other, discriminated by `type`.
 * This file imports nothing. Every message carries `run`, the id of the model it is about (the page picks a new one
 * with each `open`); events about another run than the current one are stale and to be ignored. Typed arrays travel
 * as transferred buffers: the sender must not use them afterwards. Long answers (`trace`, `generated`) come in
 * pieces and carry the `id` of the command that asked for them; `cancel` ends one early.
 *
 * The worker works on one thing a slice: while it trains, an answer that takes longer than a moment takes turns with training
 * steps.
 *
 * @typedef {import('./settings.js').Settings} Settings
 *
 * ---- commands, page → worker
 *
 * @typedef {{type: 'open', run: number, settings: Settings, checkpoint?: Uint8Array}} Open
 *   Make a model: fresh weights from the seed, or those of a checkpoint (.safetensors bytes, or a .pt of the
 *   prototype), whose own model settings then win. Answer: `opened` or `failed`. Ends whatever ran before.
 * @typedef {{type: 'data', run: number, text: Uint8Array|Blob, heldOut?: Uint8Array|Blob}} Data
 *   The text to train on. Without `heldOut`, its last `val_fraction` is held out. A Blob is read here, so that the page
 *   never holds it. Answer: `dataset` or `failed`.
 * @typedef {{type: 'train', run: number, settings?: Settings, elapsedMs?: number}} Train
 *   Start, or go on after `pause`. `settings` may change what does not change the model (learning rate, steps, …).
 *   `elapsedMs`: what training took before this model was opened, for a run that goes on.
 * @typedef {{type: 'pause', run: number}} Pause       Takes effect after the current step.
 * @typedef {{type: 'stop', run: number}} Stop         Ends training for good with a last evaluation.
 * @typedef {{type: 'reset', run: number}} Reset       Fresh weights from the seed, the same text. Answer: `state` idle.
 * @typedef {{type: 'evaluate', run: number}} Evaluate
 *   An evaluation on the held-out text now. Answer: `validation`, or `failed`: `short_text` where nothing is held out.
 * @typedef {{type: 'trace', run: number, id: number, text: Uint8Array, thresholds?: number[], withoutParents?: boolean|number, top?: number, reader?: string, record?: boolean}} TraceCommand
 *   Stream a text through the cached generator. `reader` (default `passage`) names who reads: a trace ends the one before
 *   it by the same reader; those of different readers take turns. `thresholds`: one a level with borders (nats at level 0), default the
 *   settings'. `withoutParents`: true sets every parent vector to zero, a number those of that level's positions. `top`: predictions kept a byte (0 to 10, default 10).
 *   `record`: keep what `window` needs, until the same reader begins another trace.
 * @typedef {{type: 'window', run: number, id: number, trace: number, from: number, to: number, top?: number}} WindowCommand
 *   Bytes `from`…`to` − 1 of a recorded trace once more, exactly, with `top` predictions a byte (default 10). `trace`: its
 *   id. Answer: `window` in pieces, or `failed`: `stale_trace` where its weights are gone, `bad_input` past what is traced.
 * @typedef {{type: 'generate', run: number, id: number, prompt: Uint8Array, temperature: number, top_k: number,
 *   max_new_bytes: number, stop_at_eos: boolean, seed: number, mode?: 'cached'|'recompute'}} Generate
 * @typedef {{type: 'causality', run: number, id: number, text: Uint8Array}} Causality
 * @typedef {{type: 'rules', run: number, id: number, text: Uint8Array}} Rules
 *   What a text costs the open model under both border rules, and how far each looks ahead. Answer: `rules`.
 * @typedef {{type: 'time-steps', run: number, id: number, text: Uint8Array, thresholds?: number[]}} TimeSteps
 *   Reads the first bytes of a text (at most 160) one at a time, keeping all that the stream remembers after each, and
 *   computes every byte's logits a second time by a full pass over what was read so far. Answer: `time-steps`.
 * @typedef {{type: 'export', run: number, id: number, resumable: boolean}} Export
 *   The model as .safetensors; `resumable` adds optimiser moments and the position in the data.
 * @typedef {{type: 'estimate', run: number, id: number, settings: Settings}} Estimate
 *   What a model of these settings would take; needs no open model.
 * @typedef {{type: 'cancel', run: number, id: number}} Cancel
 *   Ends a long answer. A generation answers with a last `generated` with the reason `stopped`; a trace, a window or
 *   anything else with that id sends nothing more, so whoever cancels one must not wait for `done`. The same holds where
 *   a command takes the place of one of its kind.
 * @typedef {Open|Data|Train|Pause|Stop|Reset|Evaluate|TraceCommand|WindowCommand|Generate|Causality|Rules|TimeSteps|Export|Estimate|Cancel} Command
 *
 * ---- events, worker → page
 *
 * @typedef {{type: 'opened', run: number, settings: Settings, parameterCount: number, memoryBytes: number, step: number,
 *   tensors: {name: string, shape: number[]}[], counterpart: {name: string, shape: number[]}[],
 *   levels: import('./config.js').BorderLevel[], trading: Trading|null, notes: string[], program: ArrayBuffer|Uint8Array}} Opened
 *   `levels`: those that put borders. `notes`: sentences on what was assumed about a checkpoint. `program`: the core for rerouting.js, not compiled: a page without an
 *   origin gets no compiled module from its workers.
 *   `counterpart`: tensors of what it is compared with, see `counterpartOf` in settings.js.
 * @typedef {{type: 'dataset', run: number, trainBytes: number, heldOutBytes: number, windows: number,
 *   stepsPerEpoch: number, gzipBpb: number|null, note?: string}} Dataset
 *   `gzipBpb`: what gzip needs for the held-out text, bits per byte; null where the browser has no gzip, and until the
 *   number is known, which a second of these events brings.
 * @typedef {'steps'|'minutes'|'no_progress'|'target'|'stopped'} StopReason  see stopping.js; `stopped`: by command
 * @typedef {{type: 'workers', run: number, workers: number, memoryBytes: number}} Workers
 *   How many train from now on, where that was found before the first step (choosing.js). `memoryBytes`: as in `opened`.
 * @typedef {{type: 'state', run: number, state: 'idle'|'training'|'paused'|'finished', step: number, reason?: StopReason}} State
 *   `reason`: with `finished`.
 * @typedef {{total: number, byte_encoder: number, byte_decoder: number, meta: number, uncertainty: number, entropy_reg: number}} Losses
 *   nats; `total` is the weighted sum that training minimises.
 * @typedef {{type: 'progress', run: number, step: number, maxSteps: number, epoch: number, bytesSeen: number, losses: Losses,
 *   encoderBpb: number, decoderBpb: number, borders: number[], learningRate: number, gradientNorm: number, thresholds: number[],
 *   stepsPerSecond: number, gflops: number, elapsedMs: number, remainingMs: number, logged: boolean}} Progress
 *   A few times a second. `thresholds`: of the levels that put borders, as training has steered them. Losses are those of the latest step; `borders` the mean count a sequence, per level.
 *   `logged` marks the points of the training curve (every `log_every` steps).
 * @typedef {{type: 'validation', run: number, step: number, losses: Losses, encoderBpb: number, decoderBpb: number,
 *   borders: number[], bytes: number}} Validation
 * @typedef {{type: 'sample', run: number, step: number, prompt: Uint8Array, bytes: Uint8Array}} Sample
 *   What the model wrote after the evaluation of a step: `prompt`, and the `bytes` that it went on with.
 * @typedef {{from: number, source: Uint32Array, score: Float32Array, sum: Float32Array, border: Uint8Array, realised: Float32Array}} TraceLevel
 *   Positions `from`… of one level. `source`: the position of the level below that each came from. `score`: entropy
 *   (level 0, nats) or predicted squared error. `sum`: the running sum after adding the score, before a reset.
 *   `border`: 1 where the position was promoted. `realised` (levels ≥ 1): the squared error of predicting the level's
 *   next position, known once that one arrives (NaN before; pieces repair the last value of the piece before by
 *   `realisedBefore`).
 * @typedef {{from: number, encoderEntropy: Float32Array, decoderEntropy: Float32Array, encoderBits: Float32Array,
 *   decoderBits: Float32Array, top: number, encoderTop: Uint16Array, encoderProbability: Float32Array,
 *   decoderTop: Uint16Array, decoderProbability: Float32Array,
 *   levels: (TraceLevel & {realisedBefore: number})[]}} TracePiece
 *   Bytes `from`…; index t holds what the model said after reading byte t, about byte t + 1: entropies in nats, bits
 *   that byte t + 1 cost (NaN at the very end), and the `top` likeliest symbols (256 is the end of the text), best
 *   first, [bytes][top].
 * @typedef {{type: 'trace', run: number, id: number, total: number, done: boolean, piece: TracePiece}} TraceEvent
 * @typedef {{type: 'window', run: number, id: number, trace: number, done: boolean, piece: TracePiece}} WindowEvent
 * @typedef {{type: 'generated', run: number, id: number, bytes: Uint8Array, borders: Uint8Array, done: boolean,
 *   reason?: 'length'|'eos'|'stopped', bytesPerSecond: number}} Generated
 *   `borders[i]`: how many levels put a border at that byte (0: none).
 * @typedef {{type: 'causality', run: number, id: number, positions: number, worst: number, difference: number, leaks: boolean}} CausalityEvent
 * @typedef {{decoderBpb: number, borders: number[], difference: number, worst: number, leaks: boolean}} RuleFigures
 *   Decoder's bits a byte of a full pass, borders of each level; the largest change of a logit before a byte when what
 *   follows is left out, and where that was.
 * @typedef {{type: 'rules', run: number, id: number, positions: number, uncertainty: RuleFigures, teacherForced: RuleFigures}} RulesEvent
 *   `positions`: bytes of the text that were looked at.
 * @typedef {{kind: 'encoder'|'decoder'|'parent'|'block', level: number, layer: number}} StateName
 *   A vector that the stream remembers. `parent`: the projection of the vector that conditions the level's positions.
 *   `block`: of the baseline, `level` being the block's number.
 * @typedef {{type: 'time-steps', run: number, id: number, piece: TracePiece, hidden: number, names: StateName[],
 *   states: Float32Array, cached: Float32Array, recomputed: Float32Array, difference: Float32Array}} TimeStepsEvent
 *   `states` [bytes][names][hidden] after each byte, `hidden` being the widest level's; narrower states end with zeros. `cached` and `recomputed` [bytes][257]: the decoder's logits from
 *   the stream, and from a full pass over the bytes so far under the configuration's border rule with the thresholds
 *   that were asked for; `difference` [bytes]: the largest absolute difference of the two.
 * @typedef {{type: 'exported', run: number, id: number, bytes: Uint8Array, name: string, step: number, elapsedMs: number}} Exported
 *   `step` and `elapsedMs`: how far training had come.
 * @typedef {{type: 'alive', run: 0, lock?: string}} Alive
 *   A worker's first words: it holds this lock for as long as it lives, in browsers with Web Locks.
 * @typedef {{type: 'spawn', replica: number, port: MessagePort}} Spawn
 *   The page is to start a worker called `replica` and to hand it the port, as a `replica-port`: the lead has the other end.
 * @typedef {{type: 'dismiss', replica: number}} Dismiss  ends it
 * @typedef {{type: 'meet', meeting: number, replicas: number[]}} Meet
 *   The page is to hand on what the lead (in place 0) and these replicas trade, until one of them is dismissed.
 * @typedef {{type: 'trade', meeting: number, place: number, parts: (Float32Array|Float64Array|null)[]}} Trade
 *   From each of them: what every other one is to get, by place. When all have sent theirs, each gets `traded`.
 * @typedef {{type: 'traded', meeting: number, parts: (Float32Array|Float64Array|null)[]}} Traded  by the place that it comes from
 * @typedef {{type: 'estimate', run: number, id: number, parameterCount: number, workers: number, memoryBytes: number,
 *   workerBytes: number, readersBytes: number, gflopPerStep: number, gflops: number|null, settled: boolean,
 *   choice: import('./choosing.js').Choice|null}} EstimateEvent
 *   `memoryBytes`: of all workers and of the model's readers, `workerBytes` of the largest worker, `readersBytes` of the
 *   readers while they read the same weights; without the texts. `gflopPerStep`: forward and backward
 *   pass, with the numbers of tokens expected from the thresholds. `gflops`: what all workers together do a second, messages and trading
 *   gradients included; null where it can't be measured now. `settled`: asking again would bring no better figure; the first
 *   one is quick, and of one worker's steps. `choice`: the speeds measured to choose the number of workers,
 *   where that is automatic.
 * @typedef {{type: 'failed', run: number, id?: number, code: string, message: string, reason?: string,
 *   fields?: Record<string, unknown>, fatal: boolean}} Failed
 *   `message`: one plain sentence with what to do; `fields`: what it mentions; `reason`: what is wrong with a checkpoint. `fatal`: the model is gone, `open` another.
 *   Codes are those of the core (c/status.h, lower case) and `empty_text`, `short_text`, `unreadable_text`, `no_simd`,
 *   `no_module`, `bad_settings`, `bad_checkpoint`, `no_model`, `no_data`, `stale_trace`, `diverges`, `worker`. Files are read
 *   elsewhere; a bad one has the code `bad_file`, or `unreachable` where it could not be fetched.
 * @typedef {Opened|Dataset|Workers|State|Progress|Validation|Sample|EstimateEvent|TraceEvent|WindowEvent|Generated|CausalityEvent|RulesEvent|TimeStepsEvent|Exported|Alive|Failed} Event
 */

/*
 * ---- lead worker → replica, and back
 *
 * A replica holds the whole model and computes a share of every batch. The lead sends each its share; then all workers trade
 * sums, and gradients, at the same points of the step (see exchange.js), and all make the same update. They trade through
 * channels between every two of them, or, where that is much slower, through the page: Firefox copies what goes through a
 * channel of two workers, at some 50 MB a second.
 */

/**
 * How workers trade. @typedef {'channels'|'page'} Way
 * What trading `size` dense gradients takes that way, in milliseconds a step. @typedef {{way: Way, ms: number, size: number}} Trading
 * @typedef {{type: 'replica-open', settings: Settings, reads: boolean, sequences: number, firstSequence: number, place: number,
 *   ports: (MessagePort|null)[], meeting: number}} ReplicaOpen
 *   `reads`: it only evaluates. `place`: among all workers. `ports`: to the worker in each place. `meeting`: what the page calls these workers.
 * @typedef {{type: 'replica-rehearse', way: Way, times: number}} ReplicaRehearse
 *   Trade gradients `times` times to see how long it takes, and from then on in this way.
 * @typedef {{type: 'replica-state', parameters: Float32Array, first: Float32Array, second: Float32Array, updates: Int32Array,
 *   thresholds: Float32Array, carried: import('./carried.js').Carried}} ReplicaState  `carried`: of its own sequences
 * @typedef {{type: 'replica-pass', windows: import('./corpus.js').Windows, length: number}} ReplicaPass  of an evaluation
 * @typedef {{type: 'replica-step', windows: import('./corpus.js').Windows, length: number, step: number,
 *   learningRate: number}} ReplicaStep
 *   A whole step with its update. Where a loss or gradient is not finite nothing is updated, and the lead knows.
 * @typedef {{type: 'replica-optimiser', settings: Settings}} ReplicaOptimiser
 * @typedef {ReplicaOpen|ReplicaRehearse|ReplicaState|ReplicaPass|ReplicaStep|ReplicaOptimiser} ReplicaCommand
 *
 * @typedef {{type: 'replica-opened', memoryBytes: number}} ReplicaOpened
 * @typedef {{type: 'replica-sums', sums: Float64Array}} ReplicaSums  not finite where the share's loss is not
 * @typedef {{type: 'replica-carried', news: import('./telling.js').News}} ReplicaCarried
 *   What its sequences carry after the pass of a step, where they carry anything.
 * @typedef {{type: 'replica-failed', code: string, message: string}} ReplicaFailed
 * @typedef {{type: 'replica-alive', lock?: string}} ReplicaAlive  as `alive`
 * @typedef {{type: 'replica-port', port: MessagePort}} ReplicaPort  a replica's first command, from the page: whom to answer
 * @typedef {{type: 'replica-ended', replica: number, why: string}} ReplicaEnded  the page to the lead
 * @typedef {ReplicaOpened|ReplicaSums|ReplicaCarried|ReplicaFailed} ReplicaEvent
 */

/*
 * ---- page → the worker for texts, and back
 *
 * It reads files into one text, and counts what a text is made of. Its answers carry the `id` of their command;
 * `reading` comes on the way. To cancel its work, it is ended.
 */

/**
 * How files are to be read. `field`: of structured ones, null takes CSV as it is. `encoding`: of those that are not
 * UTF-8: `detected`, `bytes` (kept as they are), or a name that TextDecoder knows.
 * @typedef {{field: string|null, encoding: string}} TextChoice
 *
 * What was found in files. `mark`: bytes of a byte-order mark; `what`: a binary file's kind; `faults`: places where UTF-8
 * is not valid; `left`: what can't be used, a sentence each; `delimiter`: the one that all tables use, by its label, null where
 * they have none or several; `fields`: those that all structured files have, `field` the likeliest; `whole`: whether they
 * can be taken as they are.
 * @typedef {{files: {name: string, bytes: number, kind: 'text'|'csv'|'jsonl'|'parquet', encoding: string, mark: number, what?: string, faults?: number}[],
 *   left: {name: string, why: string, reason: string}[], fields: string[], field: string|null, delimiter: string|null, whole: boolean}} FoundTexts
 *
 * @typedef {{type: 'inspect', id: number, files: {name: string, file: Blob}[], delimiter?: string}} TextsInspect
 * @typedef {{type: 'preview', id: number, choice: TextChoice}} TextsPreview  of what was inspected
 * @typedef {{type: 'take', id: number, choice: TextChoice}} TextsTake
 * @typedef {{type: 'statistics', id: number, text: Blob}} TextsStatistics
 * @typedef {{type: 'download', id: number, host: string, documents: number, heldOutDocuments: number}} TextsDownload  WikiText-103
 * @typedef {TextsInspect|TextsPreview|TextsTake|TextsStatistics|TextsDownload} TextsCommand
 *
 * @typedef {import('../files/texts/statistics.js').Statistics} TextStatistics
 * @typedef {{id?: number} & ({type: 'reading', bytes: number} | {type: 'inspected', found: FoundTexts} | {type: 'preview', text: string} |
 *   {type: 'taken', text: Blob, nulls?: number, heldOut?: number, fetched?: number} | {type: 'statistics', statistics: TextStatistics, gzipBpb: number|null} |
 *   {type: 'refused', message: string, reason: string})} TextsEvent
 *   `reading`: bytes read or fetched so far. `heldOut`: bytes at the text's end; `fetched`: bytes that came for it. `refused`: one sentence, and a
 *   code for programs.
 */

/*
 * ---- page → the worker that compresses, and back
 *
 * One command at a time; `packing` comes on the way. To stop its work, it is ended.
 */

/**
 * `mode`: who predicts, a model, counts, or both. `learn`: the model starts from nothing and learns on the way. `checkpoint`: of the model, where one takes part; `includeWeights`: puts
 * it into the file.
 * @typedef {{type: 'pack', file: Blob, mode: 'mix'|'counts'|'model', learn?: 'flat', name?: string, checkpoint?: Uint8Array, includeWeights?: boolean}} Pack
 * @typedef {{type: 'unpack', file: Blob, checkpoint?: Uint8Array}} Unpack
 * @typedef {{type: 'hold', on: boolean}} Hold  pauses the work, or lets it go on
 * @typedef {Pack|Unpack|Hold} PackingCommand
 *
 * Bytes of the original and of the small file so far; `costs`: bits a byte along the original, in columns of equal width,
 * NaN where nothing was read yet; `spent`: what each byte cost, in sixteenths of a bit, 255 where it is more; empty for long
 * files; `bits`: what all of them cost. `shares`: what it would have cost others, in bits, in all and along the original; none for long files.
 * `sizes`: by the platform's own compressors. `packing-failed`: one sentence.
 * @typedef {{payer: import('./weighing.js').Payer, bits: number, costs: Float32Array}} Share
 * @typedef {{type: 'packing', plain: number, coded: number, length?: number, costs?: Float32Array}|
 *   {type: 'packed', file: Blob, bits: number, costs: Float32Array, spent: Uint8Array, shares: Share[], sizes: {format: string, bytes: number}[]}|
 *   {type: 'unpacked', file: Blob, name?: string}|
 *   {type: 'packing-failed', message: string}} PackingEvent
 */

export {};
