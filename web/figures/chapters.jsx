/** The text of the explanation. Each term that can be seen somewhere links to where. */

import { isResidual, recalls } from '../../wasm/engine/kinds.js';
import { termsOf } from '../anatomy/activity.js';
import { useApp } from '../components/context.js';
import { integer } from '../format/numbers.js';
import { ByteHead, Chapter, Seen, Term } from './chapter.jsx';
import { useFigures } from './context.js';
import { Equation, LossEquation } from './equations.jsx';
import {
  ResidualBreaks,
  ResidualComes,
  ResidualCompared,
  ResidualGoes,
  ResidualReads,
  ResidualRecalls,
  ResidualTrained,
} from './residual_chapters.jsx';
import { showBorder, showLane, showToken } from './show.js';

/** Whether the open model has the residual wiring, or is its flat control. */
function useResidual() {
  const { store } = useApp();
  const settings = store.model.value?.settings;
  return settings !== undefined && isResidual(settings);
}

export function Reads() {
  if (useResidual()) return <ResidualReads />;
  return (
    <Chapter
      id="how-reads"
      title="What it reads"
      equation={
        <>
          <Equation name="reading" />
          <Equation name="entropy" />
        </>
      }
    >
      <p>
        Text is bytes, numbers from 0 to 255, one or more to a character. The model takes them one at a time. Each is
        looked up as a vector, and a recurrent network, the{' '}
        <Term href="#how-model" part="encoder-0">
          encoder
        </Term>
        , folds it into its state: all that is known of the text so far.
      </p>
      <ByteHead lead="From that state a" part="encoder-head" />
    </Chapter>
  );
}

export function Breaks() {
  if (useResidual()) return <ResidualBreaks />;
  return (
    <Chapter id="how-breaks" title="Where it breaks" equation={<Equation name="border" />}>
      <p>
        Every byte adds its entropy to a running{' '}
        <Seen name="sum" show={(app) => showLane(app, 'sum', 0)}>
          sum
        </Seen>
        . Where the sum reaches a <Term href="#how-border">threshold</Term>, there is a{' '}
        <Seen name="border" show={showBorder}>
          border
        </Seen>
        , and the sum starts again from zero. What lies between two borders is a{' '}
        <Seen name="token" show={(app) => showToken(app, 1)}>
          token
        </Seen>
        .
      </p>
      <p>
        So a token is a stretch of about equal uncertainty. Hard passages use it up in a few bytes, easy ones run on.
        Nobody says where words end; the model only counts how unsure it was.
      </p>
    </Chapter>
  );
}

export function Goes() {
  if (useResidual()) return <ResidualGoes />;
  return (
    <Chapter
      id="how-goes"
      title="What goes up"
      equation={
        <>
          <Equation name="upward" />
          <Equation name="meta" />
        </>
      }
    >
      <p>
        At a border the encoder’s state goes up. The states at borders are all that{' '}
        <Term href="#how-model" part="encoder-1">
          level 1
        </Term>{' '}
        gets to read, and it reads them as level 0 reads bytes.
      </p>
      <p>
        It has no bytes to predict, so it{' '}
        <Term href="#how-model" part="predictor-1">
          guesses the next state
        </Term>{' '}
        that it will be given. A second output says{' '}
        <Term href="#how-model" part="uncertainty-1">
          how wrong that guess will be
        </Term>
        . This expected error is to a token what entropy is to a byte: it adds up to borders of level 1, whose states go
        up to level 2, by the same rule.
      </p>
    </Chapter>
  );
}

export function Comes() {
  if (useResidual()) return <ResidualComes />;
  return (
    <Chapter id="how-comes" title="What comes down" equation={<Equation name="downward" />}>
      <p>
        From the top,{' '}
        <Term href="#how-model" part="decoder-0">
          decoders
        </Term>{' '}
        hand states back down. A decoder reads what the encoder of its level read, and adds to each input a projection
        of its{' '}
        <Term href="#how-model" part="projection-0">
          parent
        </Term>
        : the decoded state of the latest token above. The lowest decoder predicts the next byte once more, now with
        what the long view knows.
      </p>
      <p>
        A border is not conditioned by the parent that it creates, and the first token of a level conditions nothing.
        Otherwise a position would be told of itself.
      </p>
    </Chapter>
  );
}

export function Trained() {
  const { store } = useApp();
  const figures = useFigures();
  const settings = store.model.value?.settings;
  const losses = figures.activity.value?.losses ?? {
    total: Number.NaN,
    byte_encoder: Number.NaN,
    byte_decoder: Number.NaN,
    meta: Number.NaN,
    uncertainty: Number.NaN,
    entropy_reg: Number.NaN,
  };
  return (
    <Chapter
      id="how-trained"
      title="What it is trained on"
      equation={settings && <LossEquation weights={termsOf(losses, settings)} />}
    >
      {useResidual() ? (
        <ResidualTrained />
      ) : (
        <p>
          One number is made small: what both byte heads pay for the bytes that came, the error of the upper levels’
          guesses, and a little of how far off their{' '}
          <Term href="#how-model" part="uncertainty-loss-1">
            expected errors
          </Term>{' '}
          were. An optional{' '}
          <Term href="#how-model" part="entropy-floor">
            floor
          </Term>{' '}
          keeps entropy, and so borders, from dying out.
        </p>
      )}
      <p>
        Putting a border is a yes or no, which no gradient passes. Gradients do flow through the states that go up and
        the parents that come down. <a href="#train">Train one</a> and watch the numbers in the figure move.
      </p>
    </Chapter>
  );
}

export function Streams() {
  const { store } = useApp();
  const settings = store.model.value?.settings;
  const recall = settings !== undefined && recalls(settings);
  return (
    <Chapter id="how-streams" title="Why streaming is exact">
      <p>
        A border depends on entropies up to it, a parent on tokens that are complete. Nothing looks ahead. So a text can
        be read byte by byte with a small memory: a vector for each layer, and what the rule remembers and a parent for
        each level. Upper levels move only at borders, which is most of the saving.
      </p>
      <p>
        What comes out is what a pass over the whole text would say, number by number. The{' '}
        <Term href="#how-loop">loop</Term> shows the memory of the open model as it is, and computes everything a second
        time from the first byte on to compare.
      </p>
      {recall && <ResidualRecalls />}
    </Chapter>
  );
}

export function Coded() {
  return (
    <Chapter id="how-coded" title="Predictions are bits">
      <p>
        Who knows what comes need not be told. A byte that the model gave a share p costs −log₂ p bits, so a model’s
        bits per byte are the size that a text has in a file. <a href="#compress">Compress one</a>: the small file holds
        digits of one number, and whoever has the same model finds the text in it, since streaming is exact.
      </p>
    </Chapter>
  );
}

export function Compared() {
  const { store } = useApp();
  const residual = useResidual();
  const model = store.model.value;
  if (residual) return <ResidualCompared />;
  return (
    <Chapter id="how-compared" title="What to compare it with" equation={<Equation name="residual" />}>
      <p>
        Is a hierarchy worth its parameters? Beside it stands a{' '}
        <Term href="#how-model" part="baseline-block-0">
          plain stack
        </Term>{' '}
        of the same recurrent blocks
        {model && `, with the same ${integer(model.parameterCount)} parameters`}. <a href="#train">Train both</a> on one
        text.
      </p>
      <p>
        Compare the encoder’s bits per byte: the decoder is a deeper network, so it can win even where the hierarchy
        does nothing. What the hierarchy itself buys is the difference that setting all parents to zero makes;{' '}
        <a href="#measure">measure it</a>.
      </p>
    </Chapter>
  );
}
