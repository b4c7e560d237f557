/** What a rule may listen to while the tree is walked. */
import type { ArgumentSpec, FunctionSpec, VariableSpec } from "../catalog/spec.ts";
import type { FormatProblem } from "../format/format.ts";
import type { Span } from "../source.ts";
import type {
  Assign,
  Call,
  Case,
  Expression,
  If,
  Item,
  Jump,
  RouteBlock,
  RouteCall,
  Statement,
  Switch,
  Variable,
  While,
} from "../syntax/ast.ts";
import type { CheckContext } from "./context.ts";
import type { Export } from "./names.ts";

/** Where the walk is. */
export interface Frame {
  readonly route: RouteBlock;
  /** Position of the route block among the items. */
  readonly order: number;
}

/** What a whole expression is for. */
export type RootUse =
  | "condition"
  | "loop"
  | "value"
  | "argument"
  | "return"
  | "subject"
  | "label"
  | "target";

/** A call with what is known about its function. */
export interface CallUse {
  readonly call: Call;
  readonly frame: Frame;
  /** None: the function is unknown. */
  readonly found: Export<FunctionSpec> | undefined;
  /** The form that has this number of arguments; none: no form has. */
  readonly form: readonly ArgumentSpec[] | undefined;
}

/** A variable wherever it stands. */
export interface VariableUse {
  readonly variable: Variable;
  /** `code`: in an expression; `text`: in a text that is evaluated; `param`: in a parameter; `inner`: in another variable. */
  readonly place: "code" | "text" | "param" | "inner";
  readonly access: "read" | "write";
  readonly found: Export<VariableSpec> | undefined;
  /** None in parameters. */
  readonly frame: Frame | undefined;
}

/** A rule's listeners. Each is called in the order of the text. */
export interface Visitor {
  item?(item: Item, order: number): void;
  route?(block: RouteBlock, frame: Frame): void;
  /** A list of statements: a route's body, a block, the statements of a case. */
  list?(statements: readonly Statement[], frame: Frame): void;
  assign?(statement: Assign, frame: Frame): void;
  condition?(statement: If | While, frame: Frame): void;
  switch?(statement: Switch, frame: Frame): void;
  case?(clause: Case, statement: Switch, frame: Frame): void;
  /** `inside` is what a `break` would leave. */
  jump?(statement: Jump, frame: Frame, inside: "loop" | "switch" | "route"): void;
  /** A whole expression. */
  root?(expression: Expression, use: RootUse, frame: Frame): void;
  /** Every part of an expression. */
  expression?(expression: Expression, frame: Frame): void;
  call?(use: CallUse): void;
  routeCall?(call: RouteCall, frame: Frame): void;
  variable?(use: VariableUse): void;
  /** A `$` in an evaluated text that begins no variable. */
  badText?(problem: FormatProblem, span: Span): void;
  /** After everything. */
  finish?(): void;
}

/** A rule: made once for each run. */
export type Rule = (context: CheckContext) => Visitor;
