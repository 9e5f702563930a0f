/** Of this build; the fleet page shows it. */
export const version = '0.1.0'
