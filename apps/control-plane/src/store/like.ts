/** Text for a LIKE pattern that stands for itself: Prisma passes on what `startsWith` and `contains` are given. */
export function literally(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`)
}
