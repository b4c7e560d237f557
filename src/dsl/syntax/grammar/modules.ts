/** Chapter "Modules": loading them and setting their parameters. */
import type { CfgEngine, LoadModule, LoadPath, ModParam, Name } from "../ast.ts";
import type { ConfigToken } from "../lexer.ts";
import type { Span } from "../../source.ts";
import { jointOf } from "../scan.ts";
import * as signs from "../tokens/punctuation.ts";
import * as words from "../tokens/words.ts";
import { ParameterGrammar } from "./parameters.ts";

export abstract class ModuleGrammar extends ParameterGrammar {
  readonly stringName = this.RULE("stringName", (): Name => {
    const literal = this.SUBRULE(this.string);
    return this.ACTION(() => ({ text: literal.value, span: literal.span }));
  });

  // loadmodule = "loadmodule" string | "loadmodulex" string string
  readonly loadModule = this.RULE("loadModule", (): LoadModule => {
    const first = this.next();
    let options: Name | undefined;
    const path = this.OR([
      {
        ALT: () => {
          this.CONSUME(words.LoadModule);
          return this.SUBRULE(this.stringName);
        },
      },
      {
        ALT: () => {
          this.CONSUME(words.LoadModuleX);
          const file = this.SUBRULE2(this.stringName);
          this.OPTION(() => {
            options = this.SUBRULE3(this.stringName);
          });
          return file;
        },
      },
    ]);
    const span = this.since(first);
    return options === undefined
      ? { kind: "loadmodule", span, path }
      : { kind: "loadmodule", span, path, options };
  });

  // loadpath = ("loadpath" | "mpath" | "modulepath") ["="] string
  readonly loadPath = this.RULE("loadPath", (): LoadPath => {
    const first = this.CONSUME(words.LoadPath) as ConfigToken;
    this.OPTION(() => this.CONSUME(signs.Equal));
    const path = this.SUBRULE(this.stringName);
    return { kind: "loadpath", span: this.since(first), path };
  });

  // modparam = ("modparam" | "modparamx") "(" string "," string "," (number | string) ")"
  readonly modParam = this.RULE("modParam", (): ModParam => {
    const first = this.OR([
      { ALT: () => this.CONSUME(words.ModParam) },
      { ALT: () => this.CONSUME(words.ModParamX) },
    ]) as ConfigToken;
    const open = this.CONSUME(signs.LParen) as ConfigToken;
    const modules = this.SUBRULE(this.stringName);
    this.CONSUME(signs.Comma);
    const param = this.SUBRULE2(this.stringName);
    this.ACTION(() => this.#expectComma(modules.span));
    this.CONSUME2(signs.Comma);
    const value = this.SUBRULE(this.parameterValue);
    this.close(1, signs.RParen, open);
    return this.ACTION(() => ({
      kind: "modparam",
      span: this.since(first),
      modules,
      param,
      value: value.value,
      valueSpan: value.span,
      evaluates: first.tokenType === words.ModParamX,
    }));
  });

  /** A comma lost between module and parameter makes one string of both. */
  #expectComma({ source, start, end }: Span): void {
    if (this.nextIs(signs.Comma)) return;
    const joint = jointOf(source.text, start, end);
    if (joint === undefined) return;
    this.fault("E201", "expected ',' between these strings", { source, ...joint });
  }

  readonly parameterValue = this.RULE("parameterValue", () =>
    this.OR<{ value: number | string; span: ModParam["valueSpan"] }>([
      { ALT: () => this.SUBRULE(this.signedNumber) },
      { ALT: () => this.SUBRULE(this.string) },
    ]),
  );

  // cfgengine = "cfgengine" ["="] string
  readonly cfgEngine = this.RULE("cfgEngine", (): CfgEngine => {
    const first = this.CONSUME(words.CfgEngine) as ConfigToken;
    this.OPTION(() => this.CONSUME(signs.Equal));
    const engine = this.SUBRULE(this.stringName);
    return { kind: "cfgengine", span: this.since(first), engine };
  });
}
