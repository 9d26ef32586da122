// What a candidate is told before anything is recorded, from the session's real settings. The planner
// sees the same while setting them.
import { t } from '@/exam/text'
import { formatLength } from '@/lib/clock'
import type { Setting } from '@/lib/gen/words'

/** As much of a session as the list needs. */
export interface Told {
  info: { staff: readonly { name: string }[] }
  on(setting: Setting): boolean
  setting(name: Setting): number
}

export interface Line {
  what: string
  when: string
  who: string
  kept: string
}

function staffNames(exam: Told): string {
  const names = exam.info.staff.map((member) => member.name)
  return names.length ? t('consent.staff', { names: names.join(', ') }) : t('consent.staffNobody')
}

function pageParts(exam: Told): string {
  const parts = [
    exam.on('fullscreen') ? t('consent.page.fullscreen') : '',
    exam.on('focus') ? t('consent.page.focus') : '',
    t('consent.page.paste'),
  ]
  return parts.filter(Boolean).join(', ')
}

export function disclosureLines(exam: Told): Line[] {
  const who = staffNames(exam)
  const days = t('consent.days', { n: exam.setting('retention_days') })
  const record = t('consent.record')
  const lines: Line[] = []
  for (const source of ['webcam', 'screen', 'microphone', 'phone'] as const)
    if (exam.on(source))
      lines.push({ what: t(`consent.${source}`), when: t('consent.recorded'), who, kept: days })
  for (const shown of ['id_check', 'room_scan'] as const)
    if (exam.on(shown))
      lines.push({ what: t(`consent.${shown}`), when: t('consent.shown'), who, kept: days })
  const page = t('consent.page', { what: pageParts(exam) })
  lines.push({ what: page, when: t('consent.during'), who, kept: record })
  const late = exam.setting('late_arrival_ms')
  const when = late
    ? t('consent.answersLate', { length: formatLength(late) })
    : t('consent.answersWhen')
  lines.push({ what: t('consent.answers'), when, who, kept: record })
  const joined = t('consent.answersWhen')
  lines.push({ what: t('consent.device'), when: joined, who, kept: record })
  return lines
}
