/** Values of the routing language. */

/** What a variable or an expression holds: a string, an integer, or `$null`. */
export type Value = string | number | null;
