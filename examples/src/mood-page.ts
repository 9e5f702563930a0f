import { moods, type Mood } from './moods.ts'

/** The little page of an example service: one button a mood. */
export function moodPage(side: 'legacy' | 'new', current: Mood): string {
  const buttons = Object.entries(moods)
    .map(
      ([mood, { meaning }]) =>
        `<button ${mood === current ? 'aria-pressed="true"' : ''} onclick="set('${mood}')"><b>${mood}</b><br>${meaning}</button>`,
    )
    .join('\n')
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Book service (${side})</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
  button { font: inherit; text-align: left; display: block; width: 100%; margin: .5rem 0; padding: .7rem 1rem; border-radius: .5rem; border: 1px solid #8888 }
  button[aria-pressed] { outline: 3px solid #12b886 }
</style>
<h1>The ${side} book service</h1>
<p>An example backend. Change its mood and watch the charts of the dashboard.</p>
${buttons}
<script>async function set(mood) { await fetch('/mood/' + mood, { method: 'PUT' }); location.reload() }</script></html>`
}
