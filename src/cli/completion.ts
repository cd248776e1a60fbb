/**
 * `tallyd completion bash|zsh|fish`: a script that completes verbs, flags and the words that a flag
 * takes, made from the declarations of the verbs. It asks nothing of tallyd while one types.
 */
import { Argument, type Command } from 'commander';
import { type Verb, treeOf, verbsOf } from './command-tree.ts';
import { addExamples } from './examples.ts';
import { writeOut } from './output.ts';

const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript };

export function addCompletion(program: Command): void {
  const command = program
    .command('completion')
    .description('Print a script that completes verbs and flags in a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS) => writeOut(SHELLS[shell](treeOf(program))));
  addExamples(command, [
    ['source <(tallyd completion bash)', 'in ~/.bashrc'],
    ['tallyd completion zsh > "${fpath[1]}/_tallyd"', 'zsh, from the next shell on'],
    ['tallyd completion fish > ~/.config/fish/completions/tallyd.fish', 'fish, at once'],
  ]);
}

/** Each `case` below follows the words to the verb that they name. */
function paths(root: Verb): string[] {
  return verbsOf(root)
    .map(({ path }) => path)
    .filter((path) => path !== root.path);
}

/** A `case` for each flag that takes one of some words: what `offer` makes of these. */
function choiceCases(all: readonly Verb[], offer: (words: readonly string[]) => string): string[] {
  return all.flatMap(({ path, flags }) =>
    flags
      .filter(({ choices }) => choices.length > 0)
      .map(({ names, choices }) => {
        const spelled = names.map((name) => quoted(`${path} ${name}`));
        return `    ${spelled.join('|')}) ${offer(choices)} ;;\n`;
      }),
  );
}

function bashScript(root: Verb): string {
  const all = verbsOf(root);
  const words = all.map(({ path, verbs, flags }) => {
    const list = [...verbs.map(({ name }) => name), ...flags.flatMap(({ names }) => names)];
    return `    ${quoted(path)}) words=${quoted(list.join(' '))} ;;\n`;
  });
  const choices = choiceCases(all, (words) => `words=${quoted(words.join(' '))}`);
  return `# bash completion of tallyd: source <(tallyd completion bash)
_tallyd() {
  local at=tallyd words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${paths(root).map(quoted).join('|')}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at" in
${words.join('')}  esac
  case "$at \${COMP_WORDS[COMP_CWORD - 1]}" in
${choices.join('')}  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tallyd tallyd
`;
}

function zshScript(root: Verb): string {
  const all = verbsOf(root);
  const items = all.map(({ path, verbs, flags }) => {
    const list = [
      ...verbs.map(({ name, describe }) => [name, describe] as const),
      ...flags.flatMap(({ names, describe }) => names.map((name) => [name, describe] as const)),
    ];
    const described = list.map(([word, text]) => quoted(`${word}:${firstSentence(text)}`));
    return `    ${quoted(path)}) items=(${described.join(' ')}) ;;\n`;
  });
  const choices = choiceCases(all, (words) => `items=(${words.map(quoted).join(' ')})`);
  return `#compdef tallyd
# zsh completion of tallyd: tallyd completion zsh > "\${fpath[1]}/_tallyd"
_tallyd() {
  local at=tallyd word
  local -a items
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      (${paths(root).map(quoted).join('|')}) at="$at $word" ;;
    esac
  done
  case "$at" in
${items.join('').replace(/^ {4}/gm, '    (')}  esac
  case "$at \${words[CURRENT-1]}" in
${choices.join('').replace(/^ {4}/gm, '    (')}  esac
  _describe -o tallyd items || _files
}
if [ "$funcstack[1]" = _tallyd ]; then _tallyd "$@"; else compdef _tallyd tallyd; fi
`;
}

function fishScript(root: Verb): string {
  const lines = verbsOf(root).flatMap(({ path, verbs, flags }) => {
    const at = `complete -c tallyd -n ${quoted(`__tallyd_at ${path}`)}`;
    return [
      ...verbs.map(
        ({ name, describe }) => `${at} -f -a ${name} -d ${quoted(firstSentence(describe))}`,
      ),
      ...flags.map(({ names, describe, choices, takesValue }) => {
        const spelled = names.map((name) =>
          name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
        );
        const words = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : '';
        const value = words === '' && takesValue ? ' -r' : words;
        return `${at} ${spelled.join(' ')}${value} -d ${quoted(firstSentence(describe))}`;
      }),
    ];
  });
  return `# fish completion of tallyd: tallyd completion fish > ~/.config/fish/completions/tallyd.fish
function __tallyd_at
  set -l at tallyd
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${paths(root).map(quoted).join(' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv"
end
${lines.join('\n')}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

function firstSentence(text: string): string {
  const end = text.search(/[.:;] /);
  return end < 0 ? text : text.slice(0, end + 1).replace(/[:;]$/, '.');
}
