import { Command, Option } from 'commander';
import { type Diagnostic, type MachineType, parseDefinition } from '../../runtime/index.ts';
import { jsonOption } from '../client-options.ts';
import { CommandError } from '../command-error.ts';
import { readDefinition } from '../definition-file.ts';
import { paint, print, printJson } from '../terminal.ts';

interface ValidateOptions {
  readonly type: MachineType;
  readonly json?: boolean;
}

/** The shape of ValidateStateMachineDefinition's answer, for one file. */
interface Verdict {
  readonly file: string;
  readonly result: 'OK' | 'FAIL';
  readonly diagnostics: readonly Diagnostic[];
}

export function validateCommand(): Command {
  return new Command('validate')
    .description('check definitions and report every fault with its place; needs no server')
    .argument('<file...>', 'state machine definitions (.asl.json, .asl.yaml)')
    .addOption(
      new Option('--type <type>', 'type of state machine')
        .choices(['STANDARD', 'EXPRESS'])
        .default('STANDARD'),
    )
    .addOption(jsonOption())
    .action((files: string[], options: ValidateOptions) => {
      const verdicts = files.map((file) => validate(file, options.type));
      if (options.json) printJson(verdicts);
      else for (const verdict of verdicts) printVerdict(verdict);
      const invalid = verdicts.filter((verdict) => verdict.result === 'FAIL').length;
      if (invalid > 0) throw new CommandError(`${invalid} of ${files.length} definitions invalid`);
    });
}

function validate(file: string, type: MachineType): Verdict {
  const parsed = parseDefinition(readDefinition(file).text, type);
  return parsed.ok
    ? { file, result: 'OK', diagnostics: parsed.warnings }
    : { file, result: 'FAIL', diagnostics: parsed.diagnostics };
}

function printVerdict({ file, result, diagnostics }: Verdict): void {
  print(`${result === 'OK' ? paint('green', '✓') : paint('red', '✗')} ${file}`);
  for (const { severity, code, message, location } of diagnostics) {
    const colour = severity === 'ERROR' ? 'red' : 'yellow';
    print(`  ${paint(colour, code)} ${location ? `${paint('bold', location)}: ` : ''}${message}`);
  }
}
