import { useImperativeHandle, useRef, useState, type KeyboardEvent, type PointerEvent, type Ref } from 'react'
import { percentText, spokenPercent } from '../format.ts'
import { marks, percentAfterKey, percentAt, positionOf, tidy, toMark, type Percent } from './share-scale.ts'
import classes from './share-slider.module.css'

export interface ShareSliderProps {
  /** The handle, to give it the focus. */
  readonly ref?: Ref<HTMLElement | null>
  /** What is accepted. */
  readonly accepted: Percent
  /** What is asked for here and not applied; null without a draft. */
  readonly draft: Percent | null
  /** What the agents measured; null when they cannot tell. */
  readonly measured: Percent | null
  /** False while agents still have to confirm what is accepted. */
  readonly isLive: boolean
  readonly readOnly?: boolean
  readonly onDraft: (percent: Percent) => void
  readonly onApply: () => void
  readonly onDiscard: () => void
  /** The pointer let go of the handle. */
  readonly onRelease: () => void
}

/**
 * The hand on the tap. Moving it only drafts; Enter applies, Escape discards. It is never disabled while saving:
 * a disabled slider throws keyboard focus away and swallows the key presses that follow.
 */
export function ShareSlider({ ref, ...props }: ShareSliderProps) {
  const track = useRef<HTMLDivElement>(null)
  const thumb = useRef<HTMLDivElement>(null)
  useImperativeHandle<HTMLElement | null, HTMLElement | null>(ref, () => thumb.current, [])
  const [dragging, setDragging] = useState(false)
  const value = props.draft ?? props.accepted
  const staged = props.draft !== null && props.draft !== props.accepted

  const follow = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect()
    if (box === undefined || box.width === 0) return
    const percent = percentAt((event.clientX - box.left) / box.width)
    props.onDraft(event.altKey ? percent : toMark(percent))
  }
  const press = (event: PointerEvent) => {
    if (props.readOnly === true || event.button !== 0) return
    event.preventDefault()
    track.current?.setPointerCapture(event.pointerId)
    thumb.current?.focus({ preventScroll: true })
    setDragging(true)
    follow(event)
  }
  const release = () => {
    if (!dragging) return
    setDragging(false)
    props.onRelease()
  }
  const type = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || props.readOnly === true) return
    const next = percentAfterKey(value, event.key, event.shiftKey)
    if (next !== null) props.onDraft(next)
    else if (event.key === 'Enter' && staged) props.onApply()
    else if (event.key === 'Escape' && props.draft !== null) props.onDiscard()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const at = (percent: Percent) => `${positionOf(percent) * 100}%`
  return (
    <div className={classes.root}>
      <div
        ref={track}
        className={classes.track}
        data-dragging={dragging || undefined}
        data-readonly={props.readOnly || undefined}
        onPointerDown={press}
        onPointerMove={(event) => dragging && follow(event)}
        onPointerUp={release}
        onPointerCancel={release}
      >
        <div className={classes.rail} />
        <div
          className={classes.fill}
          data-pending={!props.isLive || undefined}
          style={{ width: at(props.accepted) }}
        />
        {staged && (
          <div
            className={classes.difference}
            data-raise={value > props.accepted || undefined}
            style={{
              left: at(Math.min(value, props.accepted)),
              right: `${100 - positionOf(Math.max(value, props.accepted)) * 100}%`,
            }}
          />
        )}
        {props.measured !== null && (
          <div
            className={classes.measured}
            style={{ left: at(tidy(props.measured)) }}
            title={`Measured: ${percentText(tidy(props.measured))}`}
          />
        )}
        <div
          ref={thumb}
          className={classes.thumb}
          data-staged={staged || undefined}
          style={{ left: at(value) }}
          role="slider"
          tabIndex={0}
          aria-label="Share of traffic on the new service"
          aria-orientation="horizontal"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={value}
          aria-valuetext={valueText(value, staged)}
          aria-readonly={props.readOnly ?? false}
          onKeyDown={type}
        >
          <span className={classes.bubble} aria-hidden>
            {percentText(value)}
          </span>
        </div>
      </div>
      <div className={classes.marks} aria-hidden>
        {marks.map((mark) => (
          <span key={mark} className={classes.mark} style={{ left: at(mark) }}>
            {mark}
          </span>
        ))}
      </div>
    </div>
  )
}

export function valueText(percent: Percent, staged: boolean): string {
  const words = `${spokenPercent(percent)} new, ${spokenPercent(tidy(100 - percent))} legacy`
  return staged ? `${words}, not applied yet` : words
}
