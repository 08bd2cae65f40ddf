/**
 * The eight counties and districts of Liaocheng with their administrative codes (GB/T 2260). The villages and homes are
 * invented; each village lies inside its county (the test checks it against the outlines). Positions: WGS-84 degrees.
 */
export interface CountyFacts {
  readonly code: string
  readonly name: string
  /** Where the county's town is. */
  readonly town: readonly [lon: number, lat: number]
  readonly villages: readonly { readonly name: string; readonly at: readonly [lon: number, lat: number] }[]
  readonly homes: readonly string[]
}

export const COUNTIES: readonly CountyFacts[] = [
  {
    code: '371502',
    name: '东昌府区',
    town: [115.9831, 36.4391],
    villages: [
      { name: '张庄', at: [116.0952, 36.3799] },
      { name: '李楼', at: [116.0383, 36.4125] },
      { name: '前刘村', at: [116.0446, 36.371] },
      { name: '孟家洼', at: [116.1576, 36.4203] },
      { name: '西王屯', at: [115.8732, 36.4171] },
    ],
    homes: ['阳光养老院', '湖畔康养中心', '东昌福寿园'],
  },
  {
    code: '371503',
    name: '茌平区',
    town: [116.2538, 36.5775],
    villages: [
      { name: '赵家集', at: [116.1762, 36.6422] },
      { name: '孙坊', at: [116.1341, 36.5784] },
      { name: '大崔村', at: [116.1751, 36.699] },
      { name: '北韩庄', at: [116.2737, 36.6504] },
      { name: '杨家店', at: [116.2548, 36.5147] },
    ],
    homes: ['茌平夕阳红养老院', '松鹤护理院'],
  },
  {
    code: '371581',
    name: '临清市',
    town: [115.7044, 36.8367],
    villages: [
      { name: '运河头', at: [115.7145, 36.7918] },
      { name: '马家桥', at: [115.812, 36.8731] },
      { name: '后陈村', at: [115.7912, 36.7911] },
      { name: '枣林庄', at: [115.7855, 36.8333] },
      { name: '郭堤口', at: [115.628, 36.7137] },
    ],
    homes: ['临清康乐养老院', '运河长青公寓'],
  },
  {
    code: '371521',
    name: '阳谷县',
    town: [115.7807, 36.1131],
    villages: [
      { name: '武家村', at: [115.806, 36.0294] },
      { name: '石门口', at: [115.9098, 36.1795] },
      { name: '阎楼', at: [115.8622, 36.2427] },
      { name: '高庙王', at: [115.7196, 36.1295] },
      { name: '侯家寨', at: [115.7734, 36.2175] },
    ],
    homes: ['阳谷怡心养老院'],
  },
  {
    code: '371522',
    name: '莘县',
    town: [115.6621, 36.2373],
    villages: [
      { name: '徐庄', at: [115.6198, 36.3221] },
      { name: '十里坡', at: [115.6431, 36.1601] },
      { name: '董杜村', at: [115.5933, 36.175] },
      { name: '古城南街', at: [115.5882, 36.2365] },
      { name: '魏家海', at: [115.5238, 36.202] },
    ],
    homes: ['莘县安泰养老院'],
  },
  {
    code: '371524',
    name: '东阿县',
    town: [116.2364, 36.3346],
    villages: [
      { name: '刘集后村', at: [116.2462, 36.2485] },
      { name: '黄河崖', at: [116.1916, 36.2401] },
      { name: '牛角店', at: [116.3727, 36.3894] },
      { name: '鱼山前村', at: [116.2796, 36.2942] },
      { name: '苗家洼', at: [116.2651, 36.3787] },
    ],
    homes: ['东阿仁爱护养院'],
  },
  {
    code: '371525',
    name: '冠县',
    town: [115.4422, 36.484],
    villages: [
      { name: '梨园村', at: [115.536, 36.5743] },
      { name: '柳林屯', at: [115.5229, 36.5263] },
      { name: '东宋庄', at: [115.4831, 36.5764] },
      { name: '贾镇西街', at: [115.3304, 36.4801] },
      { name: '辛集铺', at: [115.399, 36.4225] },
    ],
    homes: ['冠县金色年华养老院'],
  },
  {
    code: '371526',
    name: '高唐县',
    town: [116.2192, 36.848],
    villages: [
      { name: '尹家集', at: [116.2878, 36.9542] },
      { name: '三里铺', at: [116.2234, 36.7586] },
      { name: '清平营', at: [116.3501, 36.9371] },
      { name: '琉璃寺', at: [116.1373, 36.8632] },
      { name: '汇鑫庄', at: [116.2055, 36.8902] },
    ],
    homes: ['高唐和谐养老院'],
  },
]
