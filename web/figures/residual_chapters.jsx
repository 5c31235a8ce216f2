/** The text of the explanation for the residual wiring, and what was changed from the prototype's. */
import { recalls, scoresByEncoder, spansOf } from '../../wasm/engine/kinds.js';
import { RULES } from '../../wasm/engine/lists.js';
import { useApp } from '../components/context.js';
import { ByteHead, Chapter, Seen, Term } from './chapter.jsx';
import { Equation } from './equations.jsx';
import { showBorder, showToken } from './show.js';

export function ResidualReads() {
  const { store } = useApp();
  const order = Number(store.model.value?.settings.ngram_order ?? 0);
  const recall = order > 1 && store.model.value?.settings.recall === true;
  return (
    <Chapter
      id="how-reads"
      title="What it reads"
      equation={
        <>
          <Equation name="stream" />
          {order > 1 && <Equation name="ngrams" />}
          {recall && <Equation name="ngramRecall" />}
          <Equation name="streamHead" />
        </>
      }
    >
      <p>
        Text is bytes, numbers from 0 to 255, one or more to a character. The model takes them one at a time. Each is
        looked up as a vector; a recurrent layer, the{' '}
        <Term href="#how-model" part="encoder-0">
          encoder
        </Term>
        , folds it into its state and adds that to the vector. So begins a stream to which everything else adds.
      </p>
      {order > 1 && (
        <p>
          What the last few bytes are is also looked up at once: for the last {order === 2 ? 'two' : `2 to ${order}`}{' '}
          bytes a hash chooses a row of a table, and the rows are added. So common letter sequences are known by heart,
          at next to no cost, and the layers are free for what is farther back.
        </p>
      )}
      {recall && (
        <p>
          The model also recalls what came next earlier in the text: which byte followed the same bytes the last time,
          and how many times in a row. The two choose a row of another table, which is added, too. That table is learnt,
          so the model finds out how far to trust such a memory. A name or a phrase can then be known from its second
          time on, although the weights have never seen it.
        </p>
      )}
      <ByteHead lead="At its end a" part="head" />
    </Chapter>
  );
}

export function ResidualBreaks() {
  const { store } = useApp();
  const rule = store.model.value?.levels[0]?.rule;
  const byEncoder = scoresByEncoder(store.model.value?.settings ?? {});
  return (
    <Chapter
      id="how-breaks"
      title="Where it breaks"
      equation={
        byEncoder ? (
          <>
            <Equation name="scoreHead" />
            <Equation name="entropy" />
          </>
        ) : (
          <Equation name="score" />
        )
      }
    >
      {byEncoder ? (
        <p>
          Borders have to be known before the prediction is made. So a second{' '}
          <Term href="#how-model" part="encoder-head">
            byte head
          </Term>{' '}
          predicts the next byte from the beginning of the stream alone. The entropy of that says how unsure the model
          is.
        </p>
      ) : (
        <p>
          Borders have to be known before the prediction is made. So a small{' '}
          <Term href="#how-model" part="score-0">
            head
          </Term>{' '}
          learns, from the beginning of the stream alone, how unsure the model will be at its end.
        </p>
      )}
      {rule && (
        <p>
          The rule of the open model, <Term href="#how-border">{rule}</Term>: {RULES[rule]} What lies between two{' '}
          <Seen name="border" show={showBorder}>
            borders
          </Seen>{' '}
          is a{' '}
          <Seen name="token" show={(app) => showToken(app, 1)}>
            token
          </Seen>
          .{' '}
          {rule === 'rise' &&
            'The first letter of a word is hard to tell and the rest is easier, so most tokens come out as words, although nobody says where words end.'}
        </p>
      )}
    </Chapter>
  );
}

export function ResidualGoes() {
  const { store } = useApp();
  const embedded = store.model.value?.settings.token_embeddings === true;
  return (
    <Chapter id="how-goes" title="What goes up" equation={embedded && <Equation name="tokens" />}>
      <p>
        At a border the encoder’s state goes up. The states at borders are all that{' '}
        <Term href="#how-model" part="encoder-1">
          level 1
        </Term>{' '}
        gets to read, and it reads them as level 0 reads bytes: fewer time steps, longer memory. It may be wider, since
        it moves seldom. It has no task of its own: it learns what helps to predict the bytes.
      </p>
      {embedded && (
        <p>
          With the state goes a row of a table, which a hash of the token’s bytes chooses. So the level need not guess
          from the state which word it was.
        </p>
      )}
    </Chapter>
  );
}

export function ResidualComes() {
  const { store } = useApp();
  const settings = store.model.value?.settings;
  const spans = settings ? spansOf(settings) : 0;
  const recall = spans > 0 && settings?.recall === true;
  return (
    <Chapter
      id="how-comes"
      title="What comes down"
      equation={
        <>
          <Equation name="residualParent" />
          {spans > 0 && <Equation name="spans" />}
          {recall && <Equation name="spanRecall" />}
          <Equation name="residual" />
        </>
      }
    >
      <p>
        What the level above gave at the latest border, the{' '}
        <Term href="#how-model" part="projection-0">
          parent
        </Term>
        , is added to the stream of every byte from that border on, the border’s own included. Then{' '}
        <Term href="#how-model" part="layers-0">
          further layers
        </Term>{' '}
        add to it, each reading what the ones before left.
      </p>
      {spans > 0 && (
        <p>
          With the parent comes what a table knows of the span: a hash of the bytes since the last border chooses its
          row
          {spans === 2 && ', and a row of a second table stands for it and the span before'}
          {spans > 2 && `, and rows of ${spans - 1} more tables stand for it and the spans before`}. Where n-grams look
          back a fixed number of bytes, this looks back as far as the borders say: to where the word began. So it is the
          borders that decide what is known by heart.
        </p>
      )}
      {recall && (
        <p>
          Spans recall, too: which byte came the last time that a span of this text began with the same bytes, and how
          many times in a row.{spans > 1 && ' The same is recalled for it together with the spans before.'} What is
          recalled chooses rows of further tables, which are added with the parent.
        </p>
      )}
      <p>
        The projection of the parent starts small and learns slowly. In the prototype it did not, and what came down
        early was noise that the rest had to work against.
      </p>
    </Chapter>
  );
}

export function ResidualTrained() {
  const { store } = useApp();
  if (scoresByEncoder(store.model.value?.settings ?? {}))
    return (
      <p>
        What both byte heads pay for the bytes that came is made small: the last one’s, and that of the{' '}
        <Term href="#how-model" part="encoder-loss">
          head that scores the bytes
        </Term>
        , from which the encoder learns, too. Each window of text begins with the states in which the one before it
        ended, so nothing is read from a cold start.
      </p>
    );
  return (
    <p>
      What the byte head pays for the bytes that came is made small, and nothing else is. The{' '}
      <Term href="#how-model" part="score-loss-0">
        expected uncertainty
      </Term>{' '}
      learns beside it and moves nothing but itself. Each window of text begins with the states in which the one before
      it ended, so nothing is read from a cold start.
    </p>
  );
}

/** What recall takes in a stream. */
export function ResidualRecalls() {
  return (
    <p>
      The open model also carries what it recalls. That takes more room, but a fixed number of slots, however long the
      text is. A slot holds one context, an n-gram or a span: a new one takes the place of the old one, which is then
      forgotten. The loop does not draw these slots.
    </p>
  );
}

export function ResidualCompared() {
  const { store } = useApp();
  const settings = store.model.value?.settings;
  const recall = settings !== undefined && recalls(settings);
  return (
    <Chapter id="how-compared" title="What to compare it with, and what was changed">
      <p>
        Is a hierarchy worth its arithmetic? Beside it stands a{' '}
        <Term href="#how-model" part="baseline-layers-0">
          flat model
        </Term>
        , the lowest level alone. <a href="#train">Train both</a> on one text. What setting all parents to zero costs
        says how much the levels are used; what they are worth is the difference from a model trained without them.{' '}
        <a href="#measure">Measure it</a>.
      </p>
      <p>
        The prototype had a decoder that mirrored the encoder, a loss at every level, windows that began from nothing,
        and borders where uncertainty had added up; its levels bought nothing. Here there is one stream, one loss, state
        that is carried on, and borders where uncertainty rises. Quick start also averages its weights over the latest
        steps, which saved another 0.010 to 0.015 bits a byte on three texts, and looks up the spans between borders,
        which saved 0.012 to 0.031 more: with that the hierarchy is ahead of the same model without levels on all three.
        A narrower flat model, which reads more text for the same arithmetic, is ahead of both on two of them.
      </p>
      {recall && (
        <p>
          The open model also recalls what came next earlier in the text. A flat model can do so, too, after n-grams.
          The numbers above are of models without recall.
        </p>
      )}
    </Chapter>
  );
}
