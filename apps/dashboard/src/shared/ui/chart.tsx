import { useComputedColorScheme } from '@mantine/core'
import {
  Chart as ChartJs,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartDataset,
  type Plugin,
} from 'chart.js'
import { useEffect, useRef } from 'react'

ChartJs.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip)

export interface ChartPoint {
  /** ms since the epoch */
  readonly x: number
  /** null is a gap: never joined. */
  readonly y: number | null
}

export interface ChartLine {
  readonly label: string
  /** `legacy` is dashed grey, `new` solid accent. */
  readonly side: 'legacy' | 'new'
  readonly points: readonly ChartPoint[]
}

/** A vertical line where something was changed. */
export interface ChartMarker {
  readonly at: number
  readonly label: string
}

export interface ChartProps {
  readonly lines: readonly ChartLine[]
  readonly markers: readonly ChartMarker[]
  readonly from: number
  readonly to: number
  readonly format: (value: number) => string
  readonly formatTime: (at: number) => string
  /** Smallest upper end of the scale, so that a quiet chart is no mountain range. */
  readonly atLeast: number
  readonly height: number
  /** One sentence: what the chart shows. */
  readonly summary: string
}

/** The only file that knows chart.js. It computes nothing: points, range and words come ready. */
export function Chart(props: ChartProps) {
  // Colours are read once, when the chart is made; another theme makes another chart.
  return <Canvas key={useComputedColorScheme('light')} {...props} />
}

function Canvas(props: ChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const chart = useRef<ChartJs<'line', ChartPoint[]> | null>(null)
  const latest = useRef(props)

  useEffect(() => {
    if (canvas.current === null) return
    const created = create(canvas.current, () => latest.current)
    chart.current = created
    update(created, latest.current)
    return () => {
      chart.current = null
      created.destroy()
    }
  }, [])

  useEffect(() => {
    latest.current = props
    const draw = () => {
      if (chart.current !== null && !document.hidden) update(chart.current, latest.current)
    }
    draw()
    document.addEventListener('visibilitychange', draw)
    return () => document.removeEventListener('visibilitychange', draw)
  }, [props])

  return (
    <div style={{ position: 'relative', height: props.height }}>
      <canvas ref={canvas} role="img" aria-label={props.summary} />
    </div>
  )
}

function create(canvas: HTMLCanvasElement, props: () => ChartProps): ChartJs<'line', ChartPoint[]> {
  const color = (name: string) => getComputedStyle(canvas).getPropertyValue(name).trim()
  const text = color('--mantine-color-dimmed')
  const grid = color('--cf-grid')
  const font = { family: getComputedStyle(canvas).fontFamily, size: 11 }
  return new ChartJs<'line', ChartPoint[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    plugins: [markerLines(props, { line: color('--cf-marker'), text, font })],
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      spanGaps: false,
      layout: { padding: { top: 16 } },
      interaction: { mode: 'x', intersect: false, axis: 'x' },
      scales: {
        x: {
          type: 'linear',
          grid: { display: false },
          border: { color: grid },
          ticks: {
            color: text,
            font,
            maxRotation: 0,
            autoSkipPadding: 32,
            callback: (at) => props().formatTime(Number(at)),
          },
          // Whole steps of clock time: the axis then reads 14:00, 14:05 and stands still while data moves.
          afterBuildTicks: (axis) => {
            axis.ticks = clockTicks(axis.min, axis.max).map((value) => ({ value }))
          },
        },
        y: {
          beginAtZero: true,
          grid: { color: grid },
          border: { display: false },
          ticks: { color: text, font, maxTicksLimit: 5, callback: (value) => props().format(Number(value)) },
        },
      },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: {
            title: (items) => props().formatTime(items[0]?.parsed.x ?? 0),
            label: (item) => `${item.dataset.label ?? ''}: ${props().format(item.parsed.y ?? 0)}`,
          },
        },
      },
    },
  })
}

function update(chart: ChartJs<'line', ChartPoint[]>, props: ChartProps): void {
  const { x, y } = chart.options.scales ?? {}
  if (x) Object.assign(x, { min: props.from, max: props.to })
  if (y) y.suggestedMax = props.atLeast
  props.lines.forEach((line, index) => {
    const dataset = chart.data.datasets[index]
    if (dataset === undefined) chart.data.datasets.push(datasetOf(chart.canvas, line))
    else Object.assign(dataset, { data: [...line.points], label: line.label })
  })
  chart.data.datasets.length = props.lines.length
  chart.update('none')
}

function datasetOf(canvas: HTMLCanvasElement, line: ChartLine): ChartDataset<'line', ChartPoint[]> {
  const color = getComputedStyle(canvas).getPropertyValue(`--cf-${line.side}`).trim()
  return {
    label: line.label,
    data: [...line.points],
    borderColor: color,
    backgroundColor: color,
    borderWidth: line.side === 'new' ? 2 : 1.5,
    borderDash: line.side === 'new' ? [] : [5, 4],
    tension: 0,
    // A second between two gaps has no line to be seen by; it gets a dot.
    pointRadius: ({ dataIndex, dataset }) => (isAlone(dataset.data as ChartPoint[], dataIndex) ? 1.5 : 0),
    pointHoverRadius: 3,
  }
}

function isAlone(points: readonly ChartPoint[], index: number): boolean {
  return (points[index - 1]?.y ?? null) === null && (points[index + 1]?.y ?? null) === null
}

function markerLines(
  props: () => ChartProps,
  look: { line: string; text: string; font: { family: string; size: number } },
): Plugin<'line'> {
  return {
    id: 'marker-lines',
    afterDatasetsDraw: ({ ctx, chartArea, scales }) => {
      const x = scales['x']
      if (x === undefined) return
      ctx.save()
      ctx.strokeStyle = look.line
      ctx.fillStyle = look.text
      ctx.font = `${look.font.size}px ${look.font.family}`
      ctx.textAlign = 'center'
      ctx.setLineDash([2, 2])
      // Where labels would overlap, the newest speaks.
      let labelBegin = Number.POSITIVE_INFINITY
      for (const { at, label } of props().markers.toReversed()) {
        const px = x.getPixelForValue(at)
        if (px < chartArea.left || px > chartArea.right) continue
        ctx.beginPath()
        ctx.moveTo(px, chartArea.top)
        ctx.lineTo(px, chartArea.bottom)
        ctx.stroke()
        const half = ctx.measureText(label).width / 2
        const middle = Math.min(Math.max(px, chartArea.left + half), chartArea.right - half)
        if (middle + half >= labelBegin - 4) continue
        ctx.fillText(label, middle, chartArea.top - 5)
        labelBegin = middle - half
      }
      ctx.restore()
    },
  }
}

const tickSteps = [10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600].map((seconds) => seconds * 1000)

function clockTicks(from: number, to: number): number[] {
  const step = tickSteps.find((ms) => (to - from) / ms <= 8) ?? tickSteps.at(-1) ?? 3_600_000
  const ticks: number[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at)
  return ticks
}
