// Moments as the server's pages write them: Beijing time, midnight of a limit as 24:00 of the day before.
const parts = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

function read(date) {
  return Object.fromEntries(parts.formatToParts(date).map(({ type, value }) => [type, value]));
}

function written(date, clock) {
  const found = read(date);
  const year = found.year === read(new Date()).year ? "" : `${found.year}年`;
  return `${year}${found.month}月${found.day}日 ${clock ?? `${found.hour}:${found.minute}`}`;
}

/** 1月31日 09:05 */
export function moment(text) {
  return text ? written(new Date(text)) : "";
}

/** 1月31日 24:00 */
export function due(text) {
  if (!text) return "不限时";
  const date = new Date(text);
  const found = read(date);
  return found.hour === "00" && found.minute === "00" ? written(new Date(date.getTime() - 60000), "24:00") : written(date);
}
