"""Ledger tags: subject:verb or subject:part:verb, one list."""

from __future__ import annotations

from enum import StrEnum


class Tag(StrEnum):
    """What happened. The value is stored; `TITLES` is what people read."""

    CAMPAIGN_PUBLISH = "campaign:publish"
    CAMPAIGN_LAUNCH = "campaign:launch"
    CAMPAIGN_END = "campaign:end"
    CAMPAIGN_CANCEL = "campaign:cancel"
    INSTANCE_START = "instance:start"
    INSTANCE_END = "instance:end"
    INSTANCE_CANCEL = "instance:cancel"
    INSTANCE_FAIL = "instance:fail"
    INSTANCE_RETRY = "instance:retry"
    INSTANCE_ESCALATE = "instance:escalate"
    TASK_OPEN = "task:open"
    TASK_COMPLETE = "task:complete"
    TASK_WITHDRAW = "task:withdraw"
    TIMER_FIRE = "timer:fire"
    CHILDREN_START = "children:start"
    CHILDREN_DONE = "children:done"
    MESSAGE_DELIVER = "message:deliver"
    STATEMENT_OPEN = "statement:open"
    STATEMENT_SUBMIT = "statement:submit"
    STATEMENT_LATE = "statement:late"
    STATEMENT_ACCEPT = "statement:accept"
    EARLY_WARNING = "early_warning:send"
    ESCALATION_STEP = "escalation:step"
    SIGN_OFF = "sign_off:sign"
    SIGN_OFF_RETURN = "sign_off:return"
    SIGN_CONFIRM = "sign_off:confirm"
    PUBLICATION_COMPILE = "publication:compile"
    PUBLICATION_PUBLISH = "publication:publish"
    PUBLICATION_WITHDRAW = "publication:withdraw"
    STAGE_OPEN = "stage:gate:open"
    STAGE_PASS = "stage:gate:pass"
    COMMITMENT_SIGN = "commitment:sign"
    INSPECTION_RECORD = "inspection:record"
    INSPECTION_SETTLE = "inspection:settle"
    FINDING_DECIDE = "finding:decide"
    FINDING_TRANSFER = "finding:transfer"
    DISPOSAL_ADD = "disposal:add"
    REFERRAL_MAKE = "referral:make"
    REFERRAL_ANSWER = "referral:answer"
    OVERSIGHT_OPEN = "oversight:open"
    OVERSIGHT_RECORD = "oversight:record"
    OVERSIGHT_ANSWER = "oversight:answer"
    OVERSIGHT_FINISH = "oversight:finish"
    HAZARD_REGISTER = "hazard:register"
    HAZARD_PLAN = "hazard:plan"
    HAZARD_LIST = "hazard:supervision:list"
    HAZARD_SUBMIT = "hazard:submit"
    HAZARD_RETURN = "hazard:acceptance:return"
    HAZARD_CLOSE = "hazard:close"
    HAZARD_DELIST = "hazard:supervision:delist"
    HAZARD_REOPEN = "hazard:reopen"
    MEASURE_REPORT = "measure:report"
    MEASURE_CHECK = "measure:check"
    MEASURE_RETURN = "measure:return"
    MEASURE_ACCEPT = "measure:accept"
    MEASURE_NOTE = "measure:progress:note"
    OLD_CLUE_ADD = "old_clue:add"
    OLD_CLUE_REFER = "old_clue:refer"
    OLD_CLUE_CLOSE = "old_clue:close"
    ATTACHMENT_ADD = "attachment:add"
    ATTACHMENT_REMOVE = "attachment:remove"
    PHOTO_ADD = "photo:add"
    PHOTO_REMOVE = "photo:remove"
    INCIDENT_OPEN = "incident:open"
    INCIDENT_CLOSE = "incident:close"
    CALENDAR_ENTER = "calendar:enter"
    DUE_RECOMPUTE = "due:recompute"
    PERSON_CREATE = "person:create"
    PERSON_CHANGE = "person:change"
    PERSON_LOCK = "person:lock"
    POST_CHANGE = "post:change"
    SESSION_OPEN = "session:open"
    SESSION_CLOSE = "session:close"
    PASSWORD_CHANGE = "password:change"
    POLICY_CHANGE = "policy:change"
    CAMPAIGN_REPEAL = "campaign:repeal"
    ITEM_START = "item:start"
    ITEM_WITHDRAW = "item:withdraw"
    CLUE_REGISTER = "clue:register"
    CLUE_CLASSIFY = "clue:classify"
    CLUE_REJECT = "clue:reject"
    CLUE_HAND_OVER = "clue:hand_over"
    CLUE_RECEIVE = "clue:receive"
    CLUE_VERIFY = "clue:verify"
    CLUE_OBJECT = "clue:objection:raise"
    CLUE_RULE = "clue:objection:rule"
    CLUE_REPORT = "clue:result:report"
    CLUE_CHECK = "clue:result:check"
    CLUE_RETURN = "clue:result:return"
    CLUE_ESCALATE = "clue:escalate"
    CLUE_ESCALATED_VERIFY = "clue:escalation:verify"
    CLUE_CONCLUDE = "clue:conclude"
    CLUE_REFER = "clue:referral:make"
    CLUE_REFERRAL_ANSWER = "clue:referral:answer"
    CLUE_REPORTER_SEAL = "clue:reporter:seal"
    CLUE_REPORTER_OPEN = "clue:reporter:open"
    CLUE_REPORTER_RESEAL = "clue:reporter:reseal"
    CLUE_LIST_COMPILE = "clue:list:compile"
    LISTS_HAND_IN = "lists:hand_in"
    BRIEFING_COMPILE = "briefing:compile"
    BRIEFING_ISSUE = "briefing:issue"
    LETTER_ISSUE = "letter:issue"
    LETTER_LIST = "letter:supervision:list"
    LETTER_SUPERVISION_REPORT = "letter:supervision:report"
    LETTER_SUPERVISION_WITHDRAW = "letter:supervision:withdraw"
    LIST_ENTRY_ADD = "list_entry:add"
    LIST_ENTRY_CHANGE = "list_entry:change"
    LIST_ENTRY_CLOSE = "list_entry:close"
    LIST_ENTRY_REOPEN = "list_entry:reopen"
    RESPONSIBILITY_ADD = "responsibility:add"
    RESPONSIBILITY_END = "responsibility:end"
    RESPONSIBILITY_SETTLE = "responsibility:settle"
    BROADCAST_ADD = "broadcast:add"
    BROADCAST_SETTLE = "broadcast:settle"
    SPOT_CHECK_SEAL = "spot_check:seed:seal"
    SPOT_CHECK_OPEN = "spot_check:seed:open"
    SPOT_CHECK_DRAW = "spot_check:draw"
    SPOT_CHECK_CONCLUDE = "spot_check:conclude"
    RANKING_COMPILE = "ranking:compile"
    RANKING_PUBLISH = "ranking:publish"
    APPRAISAL_FILE = "final_appraisal:file"


TITLES: dict[Tag, str] = {
    Tag.CAMPAIGN_PUBLISH: "发布方案版本",
    Tag.CAMPAIGN_LAUNCH: "启动行动",
    Tag.CAMPAIGN_END: "行动结束",
    Tag.CAMPAIGN_CANCEL: "行动取消",
    Tag.INSTANCE_START: "流程开始",
    Tag.INSTANCE_END: "流程结束",
    Tag.INSTANCE_CANCEL: "流程取消",
    Tag.INSTANCE_FAIL: "流程异常",
    Tag.INSTANCE_RETRY: "流程重试",
    Tag.INSTANCE_ESCALATE: "升级事件无人接收",
    Tag.TASK_OPEN: "任务下达",
    Tag.TASK_COMPLETE: "任务办结",
    Tag.TASK_WITHDRAW: "任务收回",
    Tag.TIMER_FIRE: "到达时点",
    Tag.CHILDREN_START: "下达到各单位",
    Tag.CHILDREN_DONE: "各单位全部办结",
    Tag.MESSAGE_DELIVER: "收到消息",
    Tag.STATEMENT_OPEN: "报表开放填报",
    Tag.STATEMENT_SUBMIT: "报表报送",
    Tag.STATEMENT_LATE: "报表迟报",
    Tag.STATEMENT_ACCEPT: "报表通过",
    Tag.EARLY_WARNING: "到期前提醒",
    Tag.ESCALATION_STEP: "督促升级",
    Tag.SIGN_OFF: "签署",
    Tag.SIGN_OFF_RETURN: "签署退回",
    Tag.SIGN_CONFIRM: "签署前口令确认",
    Tag.PUBLICATION_COMPILE: "公开内容形成",
    Tag.PUBLICATION_PUBLISH: "公开",
    Tag.PUBLICATION_WITHDRAW: "公开内容撤回",
    Tag.STAGE_OPEN: "阶段关口开启",
    Tag.STAGE_PASS: "阶段关口通过",
    Tag.COMMITMENT_SIGN: "签署承诺书",
    Tag.INSPECTION_RECORD: "录入检查",
    Tag.INSPECTION_SETTLE: "全面检查完成",
    Tag.FINDING_DECIDE: "处置检查发现的问题",
    Tag.FINDING_TRANSFER: "移交其他部门",
    Tag.DISPOSAL_ADD: "登记处置",
    Tag.REFERRAL_MAKE: "移送公安、纪检监察机关",
    Tag.REFERRAL_ANSWER: "移送回告",
    Tag.OVERSIGHT_OPEN: "启动督导",
    Tag.OVERSIGHT_RECORD: "登记督导结果",
    Tag.OVERSIGHT_ANSWER: "答复督导问题",
    Tag.OVERSIGHT_FINISH: "督导销号",
    Tag.HAZARD_REGISTER: "登记隐患",
    Tag.HAZARD_PLAN: "制定隐患整改方案",
    Tag.HAZARD_LIST: "挂牌督办",
    Tag.HAZARD_SUBMIT: "隐患整改报验",
    Tag.HAZARD_RETURN: "隐患验收不通过",
    Tag.HAZARD_CLOSE: "隐患验收销号",
    Tag.HAZARD_DELIST: "督办摘牌",
    Tag.HAZARD_REOPEN: "隐患重新启动整改",
    Tag.MEASURE_REPORT: "上报重点任务完成情况",
    Tag.MEASURE_CHECK: "核验重点任务完成情况",
    Tag.MEASURE_RETURN: "重点任务完成情况退回",
    Tag.MEASURE_ACCEPT: "重点任务验收",
    Tag.MEASURE_NOTE: "记录重点任务进展",
    Tag.OLD_CLUE_ADD: "登记台账线索",
    Tag.OLD_CLUE_REFER: "移交台账线索",
    Tag.OLD_CLUE_CLOSE: "台账线索销号",
    Tag.ATTACHMENT_ADD: "上传附件",
    Tag.ATTACHMENT_REMOVE: "删除附件",
    Tag.PHOTO_ADD: "上传照片",
    Tag.PHOTO_REMOVE: "删除照片",
    Tag.INCIDENT_OPEN: "出现异常",
    Tag.INCIDENT_CLOSE: "异常处理完毕",
    Tag.CALENDAR_ENTER: "录入工作日历",
    Tag.DUE_RECOMPUTE: "重算时限",
    Tag.PERSON_CREATE: "新增人员",
    Tag.PERSON_CHANGE: "修改人员",
    Tag.PERSON_LOCK: "账号锁定",
    Tag.POST_CHANGE: "岗位变动",
    Tag.SESSION_OPEN: "登录",
    Tag.SESSION_CLOSE: "退出登录",
    Tag.PASSWORD_CHANGE: "修改密码",
    Tag.POLICY_CHANGE: "修改系统策略",
    Tag.CAMPAIGN_REPEAL: "终止受理",
    Tag.ITEM_START: "发起事项",
    Tag.ITEM_WITHDRAW: "撤回事项",
    Tag.CLUE_REGISTER: "线索登记",
    Tag.CLUE_CLASSIFY: "线索分类",
    Tag.CLUE_REJECT: "线索不予受理",
    Tag.CLUE_HAND_OVER: "线索交办",
    Tag.CLUE_RECEIVE: "签收交办",
    Tag.CLUE_VERIFY: "线索核实",
    Tag.CLUE_OBJECT: "提出异议",
    Tag.CLUE_RULE: "裁定异议",
    Tag.CLUE_REPORT: "反馈办理结果",
    Tag.CLUE_CHECK: "审核办理结果",
    Tag.CLUE_RETURN: "办理结果退回补办",
    Tag.CLUE_ESCALATE: "启动提级核查",
    Tag.CLUE_ESCALATED_VERIFY: "提级核查结果",
    Tag.CLUE_CONCLUDE: "线索办结",
    Tag.CLUE_REFER: "移送",
    Tag.CLUE_REFERRAL_ANSWER: "移送回告",
    Tag.CLUE_REPORTER_SEAL: "封存举报人信息",
    Tag.CLUE_REPORTER_OPEN: "查看举报人信息",
    Tag.CLUE_REPORTER_RESEAL: "更换举报人信息密钥",
    Tag.CLUE_LIST_COMPILE: "形成每日问题线索清单",
    Tag.LISTS_HAND_IN: "上报六个清单",
    Tag.BRIEFING_COMPILE: "汇总编报",
    Tag.BRIEFING_ISSUE: "印发简报",
    Tag.LETTER_ISSUE: "制发交办（移送）书",
    Tag.LETTER_LIST: "挂牌督办交办事项",
    Tag.LETTER_SUPERVISION_REPORT: "反馈督办情况及结果",
    Tag.LETTER_SUPERVISION_WITHDRAW: "撤销督办",
    Tag.LIST_ENTRY_ADD: "登记清单条目",
    Tag.LIST_ENTRY_CHANGE: "更新清单条目",
    Tag.LIST_ENTRY_CLOSE: "清单条目销号",
    Tag.LIST_ENTRY_REOPEN: "清单条目恢复",
    Tag.RESPONSIBILITY_ADD: "登记包保责任",
    Tag.RESPONSIBILITY_END: "撤销包保责任",
    Tag.BROADCAST_ADD: "登记宣传报道",
    Tag.RESPONSIBILITY_SETTLE: "核对包保责任",
    Tag.BROADCAST_SETTLE: "核对宣传报道",
    Tag.SPOT_CHECK_SEAL: "抽查种子封存",
    Tag.SPOT_CHECK_OPEN: "抽查种子公开",
    Tag.SPOT_CHECK_DRAW: "抽查抽取",
    Tag.SPOT_CHECK_CONCLUDE: "抽查办结",
    Tag.RANKING_COMPILE: "计算考评排队",
    Tag.RANKING_PUBLISH: "公布考评排队",
    Tag.APPRAISAL_FILE: "综合考评存档",
}
