/** Without these no key can be poisonous; an escape could spell one. */
const suspicious = /__proto__|constructor|\\u/

/** `JSON.parse` that refuses `__proto__` and `constructor.prototype` keys, wherever text comes from. */
export function parseJson(text: string): unknown {
  // Looking at every key costs several times the parsing, and agents send a lot of numbers.
  if (!suspicious.test(text)) return JSON.parse(text)
  return JSON.parse(text, (key, value: unknown) => {
    if (key === '__proto__') throw new SyntaxError('The key __proto__ is not accepted')
    if (key === 'constructor' && typeof value === 'object' && value !== null && 'prototype' in value) {
      throw new SyntaxError('The key constructor.prototype is not accepted')
    }
    return value
  })
}
