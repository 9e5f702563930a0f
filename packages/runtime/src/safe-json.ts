/** `JSON.parse` that refuses `__proto__` and `constructor.prototype` keys, wherever text comes from. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (key === '__proto__') throw new SyntaxError('The key __proto__ is not accepted')
    if (key === 'constructor' && typeof value === 'object' && value !== null && 'prototype' in value) {
      throw new SyntaxError('The key constructor.prototype is not accepted')
    }
    return value
  })
}
