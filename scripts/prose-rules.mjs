/** The words and patterns that check-prose.mjs refuses, each with the right word. */

/** Private words of older comments, each with the field's word from the glossary. */
const WORDS = [
  [/\blegs?\b/i, 'job'],
  [/\bfeeders?\b|\bwhat feeds\b/i, 'upstream'],
  [/\bplans?\b/i, 'job tree'],
  [/\bappetites?\b|\bat hand\b/i, 'prefetch'],
  [/\bevict(s|ed|ing|ions?)?\b/i, 'termination, terminate'],
  [/\b(c[ao]m(e|es|ing)|br(ing|ings|ought)|goe?s?|went|arrives?) home\b/i, 'receive, send to the main thread'],
  [/\bworn\b/i, 'has reached `maxTasksPerWorker`'],
  [/\b(take|takes|took|taken|taking) back\b/i, 'revoke'],
  [/\b(begin|begins|began|begun|beginnings?)\b/i, 'start, started'],
  [/\b(send|sends|sent|sending) out\b/i, 'dispatch'],
  [/\bfillings?\b/i, 'generation'],
  [/\battenti(on|ve)\b/i, 'busy polling'],
  [/\binquir(y|ies)\b/i, 'reconciler'],
  [/\b(hear|hears|heard|told|tells?|telling)\b/i, 'receive, report, send'],
  [/\b(let|lets|letting) go of\b/i, 'release'],
  [/\bturn(s|ed)? away\b/i, 'reject, refuse'],
  [/\bsloppy\b/i, 'not strict'],
];

/** Patterns that a sentence must not have: the pattern, the rule, the right word. */
export const RULES = [
  [/^(What|Who|Whoever|Where|Of|Those|That)\b/i, 'inverted sentence', 'begin with the subject or the verb'],
  [/(?<!there )\b(is|are) no\b(?! longer| (more|less|fewer) than)/i, 'negation', '"is not a …", or "there is no …"'],
  [/\b(nobody|somebody|whoever)\b/i, 'no noun', 'name the thing: the reader, the caller, "no task"'],
  ...WORDS.map(([pattern, right]) => [pattern, 'private word', right]),
];

/** Patterns with which a comment must not start, because a comment stands alone. */
export const START_RULES = [[/^\s*(This|It|They)\b/, 'comment starts with', 'name the thing']];

/** Patterns with which the first comment of a file must not start. A file does something. */
export const HEADER_RULES = [[/^\s*Knows?\b/, 'file header starts with', 'records, recognizes, finds, returns']];

/** Texts that aren't prose: the Lua scripts that Redis runs. */
export const NOT_PROSE = /\bredis\.call\(/;

/** Longest sentence, in words. A code span, a link or a substitution counts as one word. */
export const LONGEST_SENTENCE = 25;

/** Widest line of a comment, in columns. Biome wraps code, but not comments. */
export const WIDEST_COMMENT = 100;

/** Widest line of an example in a comment, as for other code. */
export const WIDEST_CODE = 120;

/** Verbs that can't be the plural of a noun in a test title. */
const VERBS = [
  'accepts adds allows becomes creates drops emits finds gives has is keeps leaves lets makes needs opens pins reads',
  'rejects removes resolves returns runs sends settles shows stops takes throws treats uses writes',
].join(' ');

/**
 * The start of a test title whose subject is missing, because the title starts with its verb:
 * "returns credit". A plural such as "calls" is a verb only in front of an object: "calls the
 * listener".
 */
export const STARTS_WITH_VERB = new RegExp(
  `^(${VERBS.replaceAll(' ', '|')}|[a-z]+[^s\\W]s(?= (a|an|all|any|both|each|every|its|no|nothing|one|the|their) ))(?= )`,
);

/** First words of a test title that has no subject of its own. */
export const NOT_A_SUBJECT = new Set(
  [
    'and or nor but also so then than if when while until unless where which who what whose not that of by with',
    'without after before in into to for from on at as is are was were has have does do did can may it they',
  ].flatMap((line) => line.split(' ')),
);
