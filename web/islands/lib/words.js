// What form-js says, in Chinese. A sentence that is missing here is shown as it is and fails a test.
export const words = {
  "Date and time must both be entered.": "日期和时间须同时填写。",
  "No content to show.": "没有可显示的内容。",
  "External content couldn't be loaded.": "外部内容无法加载。",
  Increment: "加一",
  Decrement: "减一",
  "Skip to search": "跳到查找",
  "Remove tag": "删除此项",
  Search: "输入文字查找",
  "No results": "没有找到",
  "All values selected": "已全部选择",
  "Nothing to show.": "没有数据",
  "{page} of {total}": "第 {page} 页，共 {total} 页",
  "Previous page": "上一页",
  "Next page": "下一页",
  "Click to sort by {value} descending": "按“{value}”从大到小排序",
  "Click to remove sorting": "取消排序",
  "Click to sort by {value} ascending": "按“{value}”从小到大排序",
  "No files selected": "没有选择文件",
  "{value} files selected": "已选择 {value} 个文件",
  "Document reference is not defined.": "没有指明文件。",
  "Unable to download document": "文件下载不了",
  "Download {fileName}": "下载 {fileName}",
  "Add new": "增加一项",
  "Expand all ({value})": "全部展开（{value}）",
  Collapse: "收起",
  "Value is not a number.": "请填写数字。",
  "Value is expected to be an integer.": "请填写整数。",
  "Value is expected to have at most 1 decimal digit.": "最多保留 1 位小数。",
  "Value is expected to have at most {value} decimal digits.": "最多保留 {value} 位小数。",
  "Please select a valid value, the two nearest valid values are {previousValue} and {nextValue}.":
    "数值不符合步长，最接近的是 {previousValue} 和 {nextValue}。",
  "Field must match pattern {value}.": "格式不符合要求。",
  "Field is required.": "此项必填。",
  "Field must have minimum value of {value}.": "不能小于 {value}。",
  "Min validation value is not a valid number.": "最小值设置有误，请联系管理员。",
  "Field must have maximum value of {value}.": "不能大于 {value}。",
  "Max validation value is not a valid number.": "最大值设置有误，请联系管理员。",
  "Field must have minimum length of {value}.": "至少 {value} 个字。",
  "Field must have maximum length of {value}.": "不能超过 {value} 个字。",
  "Field must be a valid international phone number. (e.g. +4930664040900)": "请填写正确的电话号码。",
  "Field must be a valid email.": "请填写正确的邮箱。",
};

/** form-js's translate service. */
export function translate(template, replacements = {}) {
  const text = words[template] ?? template;
  return text.replace(/{([^}]+)}/g, (_, key) => replacements[key] ?? `{${key}}`);
}
