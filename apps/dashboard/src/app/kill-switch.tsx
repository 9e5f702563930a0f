export function KillSwitchButton() {
  return null
}
