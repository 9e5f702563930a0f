const nonce = document.querySelector<HTMLElement>('meta[property=csp-nonce]')?.nonce ?? ''

// Where get-nonce, which locks the page's scroll under a dialog with a style of its own, looks for it.
Object.assign(globalThis, { __webpack_nonce__: nonce })

/** Of the page's content security policy: styles made while the dashboard runs must carry it. */
export function styleNonce(): string {
  return nonce
}
