/** What the page has to say: one notice, one question, one line for screen readers. */
import { useApp } from './context.js';
import { Later } from './Later.jsx';

export function Notice() {
  const { store, actions } = useApp();
  const notice = store.notice.value;
  return (
    <div role="alert">
      {notice && (
        <div
          class={`notice ${notice.kind === 'problem' ? 'problem-notice' : ''}`}
          data-testid="notice"
          data-reason={notice.reason}
        >
          <p>{notice.message}</p>
          <button type="button" class="button small quiet" onClick={actions.dismissNotice}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}

/** A newer version of the page. */
export function Update() {
  return useApp().store.update.value && <Later load={() => import('./Update.jsx')} />;
}

export function Question() {
  const { store, actions } = useApp();
  const question = store.question.value;
  if (!question) return null;
  return (
    <div
      class="notice question"
      role="alertdialog"
      aria-labelledby="question"
      data-testid="question"
      onKeyDown={(e) => {
        if (e.key === 'Escape') actions.answerQuestion(false);
      }}
    >
      <p id="question">{question.message}</p>
      <div class="buttons">
        <button type="button" class="button small" onClick={() => actions.downloadWeights(true)}>
          Download first
        </button>
        <button
          type="button"
          class="button small"
          data-testid="question-yes"
          onClick={() => actions.answerQuestion(true)}
        >
          {question.action}
        </button>
        {/* The harmless answer has the focus. */}
        <button
          type="button"
          class="button small primary"
          ref={(element) => element?.focus()}
          onClick={() => actions.answerQuestion(false)}
        >
          Keep it
        </button>
      </div>
    </div>
  );
}

export function Announcer() {
  const { store } = useApp();
  return (
    <p class="visually-hidden" role="status">
      {store.announcement.value}
    </p>
  );
}
