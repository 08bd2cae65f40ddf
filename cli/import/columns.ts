export const DEVICE_COLUMNS = {
  id: ['device', 'deviceid', '设备编号', '设备号', '编号'],
  kind: ['type', '类型', '设备类型'],
  name: ['名称', '设备名称'],
  place: ['位置', '安装位置', '地点'],
  gateway: ['网关', '网关编号'],
  lon: ['lng', 'longitude', '经度'],
  lat: ['latitude', '纬度'],
  model: ['型号'],
  rhythm_s: ['rhythm', '上报周期', '上报周期(秒)'],
  secret: ['密钥'],
  identity: ['身份', '认证方式'],
  datum: ['坐标系'],
  gb_address: ['国标地址', '用传地址', '源地址'],
  gb_from: ['来源网段', '来源地址'],
} as const
export type DeviceColumn = keyof typeof DEVICE_COLUMNS

export const RESIDENT_COLUMNS = {
  id: ['resident', '编号', '住户编号', '老人编号'],
  place: ['机构', '位置', '地点', '住址编号'],
  name: ['姓名', '名字'],
  room: ['bed', '房间', '床位', '房间床位', '房号'],
  relative_phone: ['phone', '家属电话', '联系电话', '家属联系方式'],
  health: ['needs', '救援须知', '健康状况', '身体状况'],
  note: ['备注', '说明'],
} as const
export type ResidentColumn = keyof typeof RESIDENT_COLUMNS
