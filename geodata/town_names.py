"""Names: roads, communities and subdistricts (official list of 2017), estates (made up)."""

from __future__ import annotations

# name, English name, class; west-east roads from north to south, south-north from west to east.
ROADS_WE = (
    ("自由大路", "Ziyou Road", "arterial"),
    ("浦东路", "Pudong Road", "arterial"),
    ("东南湖大路", "Dongnanhu Road", "trunk"),
    ("北海路", "Beihai Road", "arterial"),
    ("卫星路", "Weixing Road", "trunk"),
)
ROADS_SN = (
    ("临河街", "Linhe Street", "arterial"),
    ("仙台大街", "Xiantai Street", "arterial"),
    ("会展大街", "Huizhan Street", "arterial"),
    ("世纪大街", "Shiji Street", "arterial"),
    ("洋浦大街", "Yangpu Street", "arterial"),
    ("东环城路", "Donghuancheng Road", "trunk"),
)
RIVER = ("伊通河", "Yitong River")
RAILWAY = ("长图铁路", "Changchun–Tumen Railway")

# Collector names beside those that communities carry.
SPARE_WE = (
    ("合肥路", "Hefei Road"), ("武汉路", "Wuhan Road"), ("南昌路", "Nanchang Road"),
    ("九江路", "Jiujiang Road"), ("深圳路", "Shenzhen Road"), ("厦门路", "Xiamen Road"),
    ("汕头路", "Shantou Road"), ("宁波路", "Ningbo Road"), ("烟台路", "Yantai Road"),
    ("青岛路", "Qingdao Road"), ("日照路", "Rizhao Road"), ("连云港路", "Lianyungang Road"),
    ("南通路", "Nantong Road"), ("镇江路", "Zhenjiang Road"), ("常州路", "Changzhou Road"),
    ("无锡路", "Wuxi Road"), ("嘉兴路", "Jiaxing Road"), ("湖州路", "Huzhou Road"),
    ("绍兴路", "Shaoxing Road"), ("台州路", "Taizhou Road"), ("福州路", "Fuzhou Road"),
    ("泉州路", "Quanzhou Road"), ("漳州路", "Zhangzhou Road"), ("龙岩路", "Longyan Road"),
    ("洛阳路", "Luoyang Road"), ("开封路", "Kaifeng Road"), ("安阳路", "Anyang Road"),
    ("襄阳路", "Xiangyang Road"), ("宜昌路", "Yichang Road"), ("岳阳路", "Yueyang Road"),
    ("长沙路", "Changsha Road"), ("株洲路", "Zhuzhou Road"), ("湘潭路", "Xiangtan Road"),
)  # fmt: skip
SPARE_SN = (
    ("温州街", "Wenzhou Street"), ("扬州街", "Yangzhou Street"), ("赣州街", "Ganzhou Street"),
    ("芜湖街", "Wuhu Street"), ("锦州街", "Jinzhou Street"), ("海口街", "Haikou Street"),
    ("三亚街", "Sanya Street"), ("徐州街", "Xuzhou Street"), ("杭州街", "Hangzhou Street"),
    ("保定街", "Baoding Street"), ("沧州街", "Cangzhou Street"), ("德州街", "Dezhou Street"),
    ("滨州街", "Binzhou Street"), ("柳州街", "Liuzhou Street"), ("桂林街", "Guilin Street"),
    ("梧州街", "Wuzhou Street"), ("钦州街", "Qinzhou Street"), ("惠州街", "Huizhou Street"),
    ("昆明街", "Kunming Street"), ("大理街", "Dali Street"), ("贵阳街", "Guiyang Street"),
    ("遵义街", "Zunyi Street"), ("成都街", "Chengdu Street"), ("绵阳街", "Mianyang Street"),
)  # fmt: skip

# Sub-zone (the subdistrict of the end of 2017) → communities: 2017 code, name, English name,
# the road it is called after (an arterial, or a collector that takes this name), estate stem.
COMMUNITIES = {
    "220171001": (
        ("220171001001", "浦东路社区", "Pudong Road Community", "浦东路", "浦东", "Pudong"),
        ("220171001002", "昆山路社区", "Kunshan Road Community", "昆山路", "昆山", "Kunshan"),
        ("220171001003", "威海路社区", "Weihai Road Community", "威海路", "威海", "Weihai"),
        ("220171001004", "临河社区", "Linhe Community", "临河街", "临河", "Linhe"),
        ("220171001005", "珠海路社区", "Zhuhai Road Community", "珠海路", "珠海", "Zhuhai"),
        ("220171001006", "北海路社区", "Beihai Road Community", "北海路", "北海", "Beihai"),
        ("220171001007", "泰山路社区", "Taishan Road Community", "泰山路", "泰山", "Taishan"),
    ),
    "220171002": (
        ("220171002003", "新开河社区", "Xinkaihe Community", "", "新开河", "Xinkaihe"),
        ("220171002005", "大连路社区", "Dalian Road Community", "大连路", "大连", "Dalian"),
        ("220171002007", "花园路社区", "Huayuan Road Community", "花园路", "锦绣", "Jinxiu"),
        ("220171002010", "六合社区", "Liuhe Community", "", "六合", "Liuhe"),
    ),
    "220171003": (
        ("220171003001", "仙台社区", "Xiantai Community", "仙台大街", "仙台", "Xiantai"),
        ("220171003002", "卫星路社区", "Weixing Road Community", "卫星路", "卫星", "Weixing"),
        (
            "220171003003", "会展大街社区", "Huizhan Street Community",
            "会展大街", "会展", "Huizhan",
        ),
    ),
    "220171004": (
        (
            "220171004001", "东环城路社区", "Donghuancheng Road Community",
            "东环城路", "东环", "Donghuan",
        ),
        ("220171004002", "洋浦大街社区", "Yangpu Street Community", "洋浦大街", "洋浦", "Yangpu"),
        ("220171004003", "世纪大街社区", "Shiji Street Community", "世纪大街", "世纪", "Shiji"),
        ("220171004004", "营口路社区", "Yingkou Road Community", "营口路", "营口", "Yingkou"),
        ("220171004005", "兰州街社区", "Lanzhou Street Community", "兰州街", "兰州", "Lanzhou"),
        ("220171004006", "红星社区", "Hongxing Community", "", "红星", "Hongxing"),
    ),
}  # fmt: skip
SUZHOU = ("220171003004", "苏州社区", "Suzhou Community")

SUBDISTRICTS = {
    "220171001": ("临河街道", "Linhe Subdistrict", "南关区"),
    "220171002": ("东方广场街道", "Dongfang Guangchang Subdistrict", "二道区"),
    "220171003": ("会展街道", "Huizhan Subdistrict", "南关区"),
    "220171004": ("世纪街道", "Shiji Subdistrict", "二道区"),
}
# The two before the reform, and the sub-zones of which each consists.
BEFORE = {"220171001": ("220171001", "220171003"), "220171002": ("220171002", "220171004")}

# What a subdistrict seated at a candidate seat would be called, by side.
CANDIDATES = {
    "220171001": (
        ("会展街道", "Huizhan Subdistrict", "220171003"),
        ("卫星街道", "Weixing Subdistrict", "220171003"),
        ("仙台街道", "Xiantai Subdistrict", "220171001"),
    ),
    "220171002": (
        ("世纪街道", "Shiji Subdistrict", "220171004"),
        ("洋浦街道", "Yangpu Subdistrict", "220171004"),
        ("自由街道", "Ziyou Subdistrict", "220171002"),
    ),
}

ESTATES = (
    ("花园", "Garden"), ("小区", "Estate"), ("家园", "Homes"), ("新村", "New Village"),
    ("雅苑", "Court"), ("公寓", "Apartments"), ("新城", "New Town"), ("华庭", "Palace"),
    ("丽景", "Vista"), ("名居", "Residence"), ("佳园", "Park Homes"), ("尚城", "City"),
    ("湾", "Bay"), ("国际", "International"),
)  # fmt: skip
NUMERALS = "一二三四五六七八九"
WORKS = (
    ("机械厂", "Machine Works"), ("纺织厂", "Textile Mill"), ("轴承厂", "Bearing Works"),
    ("玻璃厂", "Glass Works"), ("粮油厂", "Grain and Oil Plant"), ("木材厂", "Timber Yard"),
    ("电子厂", "Electronics Works"), ("印刷厂", "Printing House"), ("制药厂", "Pharmaceuticals"),
    ("汽配厂", "Car Parts Works"), ("水泥厂", "Cement Works"), ("仓储库", "Warehouse"),
    ("铸造厂", "Foundry"), ("食品厂", "Food Plant"), ("车队场", "Truck Yard"),
    ("变压器厂", "Transformer Works"),
)  # fmt: skip
