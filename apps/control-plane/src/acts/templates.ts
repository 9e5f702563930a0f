import type { TemplateView } from '@crossfade/contracts/api/ramps'
import { planViewOf } from '@crossfade/contracts/ramp'
import { planFrom, templateNames, type TemplateName } from '@crossfade/core/ramp/templates'

const TEXTS: Readonly<Record<TemplateName, Pick<TemplateView, 'title' | 'words'>>> = {
  careful: { title: 'Careful', words: 'Five stages, 1 to 100 %, by themselves over about two days' },
  'three-phases': {
    title: 'Three phases',
    words: '1 and 10 %, then 25 and 50 %, then 75 and 100 %; a person opens each phase',
  },
  checklist: {
    title: 'Checklist',
    words: 'A day at 1 % until people ticked what they looked at, then 10, 50 and 100 %',
  },
  quick: { title: 'Quick', words: '10, 50 and 100 %, ten minutes each' },
}

/** Plans to copy. */
export function templateViews(): TemplateView[] {
  return templateNames.map((name) => ({ name, ...TEXTS[name], plan: planViewOf(planFrom(name)) }))
}
