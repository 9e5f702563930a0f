import { z } from 'zod'

/** The answer of an act that has nothing to say. */
export const noContent = z.undefined().meta({ description: 'Done' })
