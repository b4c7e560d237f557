/** The codes of what the checker finds: 3xx names, 4xx arguments and values, 5xx modules, 6xx routes and statements, 9xx style. */
import type { CodeEntry } from "./codes.ts";

/** One kind of finding of the checker. */
export type CheckCode = CodeEntry;

function error(number: number, title: string): CheckCode {
  return { code: `E${number}`, severity: "error", title };
}

function warning(number: number, title: string): CheckCode {
  return { code: `W${number}`, severity: "warning", title };
}

function info(number: number, title: string): CheckCode {
  return { code: `I${number}`, severity: "info", title };
}

/** All codes of the checker by their meaning. */
export const checkCodes = {
  unknownFunction: error(301, "no such function"),
  unknownVariable: error(302, "no such variable"),
  unknownTransformation: error(303, "no such transformation"),
  unknownRoute: error(304, "no such route"),
  unknownHandler: error(305, "no such failure, reply, branch or event route to arm"),
  unknownGlobal: error(306, "no such global parameter"),
  unknownFlag: error(307, "no such flag"),
  unknownCustomGlobal: error(308, "no such custom parameter"),
  unknownSelect: error(309, "no such select"),
  unknownInner: error(310, "no such name inside a variable"),
  unknownWord: error(311, "a bare word that is not defined"),
  unknownEvent: warning(312, "no such event"),
  unknownMethod: warning(313, "not a method of SIP"),
  misspeltMethod: error(314, "misspelt method of SIP"),
  misspeltDefine: warning(315, "probably misspelt define"),
  notImplemented: error(316, "exists in Kamailio, not implemented in olelo yet"),
  unknownLogLevel: error(317, "no such log level"),
  oddLogLevel: warning(320, "log level that is taken for a similar one"),
  brokenDefine: error(321, "misspelt define that leaves out what is used elsewhere"),
  misspeltTable: warning(318, "probably misspelt name of a table"),
  misspeltVariable: warning(319, "probably misspelt name of a script variable"),

  argumentCount: error(401, "wrong number of arguments"),
  argumentKind: error(402, "wrong kind of argument"),
  argumentRange: error(403, "argument out of range"),
  argumentWord: error(404, "argument is none of the allowed words"),
  argumentForm: error(405, "argument has the wrong form"),
  badRegex: error(406, "invalid regular expression"),
  badSubstitution: error(407, "invalid substitution"),
  badHeaderName: error(408, "invalid header name"),
  badStatus: error(409, "invalid status code"),
  flagRange: error(410, "flag out of range"),
  innerMissing: error(411, "a variable lacks its name in parentheses"),
  innerForbidden: error(412, "a variable takes no name in parentheses"),
  indexForbidden: error(413, "a variable takes no index"),
  readOnly: error(414, "a read-only variable is assigned"),
  transformationArguments: error(415, "wrong arguments of a transformation"),
  badVariable: error(416, "a malformed variable in a text"),
  typeMismatch: error(417, "types that do not fit together"),
  comparisonNeverTrue: warning(418, "a comparison that can never hold"),
  notEvaluated: warning(419, "variables in a text that is not evaluated"),
  globalType: error(420, "wrong kind of value for a global parameter"),
  globalRange: error(421, "value of a global parameter out of range"),
  badAddress: error(422, "invalid address"),
  globalIgnored: info(423, "a global parameter without effect here"),
  slowRegex: warning(424, "a regular expression that can take very long"),
  divisionByZero: error(425, "division by zero"),
  assignedType: warning(426, "a text is assigned where a number belongs"),
  headerLine: warning(427, "a header that is not ended"),
  coreOperator: error(429, "an operator that a core word does not take"),
  assignedForm: error(428, "an assigned value has the wrong form"),
  aliasText: warning(430, "an alias that no host matches"),
  joinedTexts: warning(431, "texts joined on one line"),

  unknownModule: error(501, "no such module"),
  moduleNotLoaded: error(502, "the module is not loaded"),
  moduleTwice: error(503, "module loaded twice"),
  dependencyOrder: error(504, "module loaded before the one that it needs"),
  moduleLater: error(505, "module loaded after its first use"),
  unknownParam: error(506, "no such parameter"),
  paramType: error(507, "wrong type of a parameter's value"),
  paramValue: error(508, "a parameter's value is not allowed"),
  paramIgnored: info(509, "a parameter without effect here"),
  moduleNotBuilt: error(510, "Kamailio's module is not implemented in olelo yet"),
  paramNoModule: warning(511, "a parameter is set for a module that is not loaded"),

  duplicateRoute: error(601, "route defined twice"),
  routeKind: error(602, "not allowed in this kind of route"),
  routeKindCalled: warning(603, "not allowed in the routes that call this one"),
  duplicateCase: warning(604, "case twice"),
  unreachable: warning(607, "statement that is never reached"),
  endlessLoop: warning(608, "loop without end"),
  constantCondition: warning(609, "condition that is always the same"),
  endlessRecursion: warning(610, "route that calls itself without end"),
  breakOutside: warning(611, "break outside of a loop"),
  emptyBody: warning(613, "a condition without a statement"),
  duplicateCustomGlobal: error(614, "custom parameter defined twice"),
  duplicateFlag: error(615, "flag declared twice"),
  duplicateCondition: warning(616, "condition that was tested before"),
  bitwiseTruth: warning(618, "& or | between truth values"),
  noRequestRoute: info(617, "no request_route"),

  unusedRoute: info(901, "route that is never run"),
} as const satisfies Readonly<Record<string, CheckCode>>;

/** The list of the checker's codes, in the order of their numbers. */
export const checkCodeList: readonly CheckCode[] = Object.values(checkCodes);
