/** Runs commands on a terminal that closes, as when a window is closed or a connection drops. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Python, which Emscripten needs too, can make terminals. The script waits for the text in its third argument, then closes the terminal. */
const SCRIPT = `
import os, pty, subprocess, sys
own, mark, command = sys.argv[1] == 'own', sys.argv[2].encode(), sys.argv[3:]
if own:
    pid, master = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
else:
    master, terminal = pty.openpty()
    pid = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal).pid
    os.close(terminal)
said = b''
while mark not in said:
    said += os.read(master, 65536)
os.close(master)
status = os.waitpid(pid, 0)[1]
print(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
`;

/**
 * @param {string} command  its file in wasm/cli/, without `.js`
 * @param {string[]} args
 * @param {object} options
 * @param {string} options.cwd
 * @param {boolean} options.own   whether it is the command's own terminal, whose end sends SIGHUP; else writing fails, and no more
 * @param {string} options.after  what the command says last before the terminal goes
 * @returns {Promise<number>} exit status; below 0 the signal that ended it
 */
export function onVanishingTerminal(command, args, { cwd, own, after }) {
  const file = fileURLToPath(new URL(`../../../wasm/cli/${command}.js`, import.meta.url));
  const words = ['-c', SCRIPT, own ? 'own' : 'other', after, process.execPath, file, ...args];
  const child = spawn('python3', words, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(Number(said.trim() || Number.NaN)));
  });
}
