#include "auth/common_passwords.h"

#include <string>
#include <unordered_set>

#include "auth/model.h"

namespace energy::auth {
namespace {

// The 600 most frequent with at least 8 characters in the list of zxcvbn 4.4.2 (MIT), which was
// counted in published leaks.
constexpr std::string_view kList =
    "01011970 01011980 01011981 01011985 01011986 01011990 01011991 01012000 01012001 01012010 "
    "01012011 1029384756 11111111 11112222 111222333 11223344 1122334455 11235813 1123581321 "
    "12312312 1232323q 123321123 12344321 123454321 1234554321 12345678 123456789 1234567890 "
    "1234567890q 12345678910 123456789a 123456789q 123456789z 1234567a 1234567q 123456aa "
    "123456qwerty 12345qwert 1234abcd 1234qwer 123654789 12369874 123698745 123qwe123 123qweasd "
    "123qweasdzxc 12qwaszx 147258369 147852369 14789632 147896325 15426378 192837465 1a2b3c4d "
    "1passwor 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 25802580 31415926 "
    "321654987 4815162342 73501505 741852963 789456123 8j4ye3uz a1234567 a1b2c3d4 a1s2d3f4 "
    "aardvark abc12345 abcd1234 aberdeen access14 achilles adgjmptw agent007 airborne airforce "
    "airplane albatros alejandr aleksandr alexande alexandr amsterdam anaconda anhyeuem anthony1 "
    "apollo13 applepie aquarius arsenal1 asdf1234 asdfasdf asdfghjk asdfghjkl aspirine assassin "
    "asshole1 atlantis azsxdcfv babydoll babygirl babylon5 barcelon barcelona baseball basketba "
    "beefcake bigballs bigboobs bigdaddy bigmoney billybob billyboy blackcat blackdog blackjac "
    "blahblah blink182 blizzard bluebird blueeyes bluemoon bobafett bollocks bonehead brandon1 "
    "brooklyn brucelee buckeyes budlight bulldogs bullshit bunghole butterfl butterfly butthead "
    "butthole cadillac caliente californ candyman cardinal carolina catherin cavalier cdtnkfyf "
    "champion changeme chargers charlie1 charlott charlton chelsea1 cherokee chester1 chevelle "
    "chevrole cheyenne chicken1 chickens chocolat christia christin christop cjkysirj clitoris "
    "cocacola colombia colorado coltrane commando computer concrete consumer cooldude corvette "
    "cosworth cowboys1 crazybab creampie creative crusader dannyboy darkness darkside darkstar "
    "dbrnjhbz deadhead deeznuts defender deftones designer devildog diamond1 diamonds dickhead "
    "dietcoke dilligaf dingdong dinosaur discover dkflbvbh doberman dodgeram dolphins doughboy "
    "drowssap drpepper dthjybrf eatpussy einstein ekaterina electric elephant elizabet engineer "
    "enterpri enterprise ericsson eternity excalibu explorer fireball firebird fktrcfylh "
    "fktrcfylhf flamingo football fordf150 formula1 freckles freedom1 freepass freeuser front242 "
    "frontier fuck_inside fuckface fuckyou1 fuckyou2 fyfcnfcbz gandalf1 gangbang gangster "
    "garfield gateway1 geronimo ghbdtnbr gn56gn56 godsmack godzilla goldfish golfball goodluck "
    "goodtime gordon24 greenbay greenday guardian guinness halflife hannibal happy123 happyday "
    "hardcore hardrock heather1 hellfire hello123 hellyeah hercules highland hollywoo holyshit "
    "hongkong hotstuff hurrican hyperion icecream ihateyou ilovesex iloveyou immortal infiniti "
    "infinity internet intrepid jackson1 jamesbon jasmine1 jessica1 jordan23 justdoit juventus "
    "kamikaze kangaroo katerina kawasaki kenworth keyboard keystone kingkong kingston kittycat "
    "labrador lacrosse lancelot lasvegas lesbians letmein1 letmein2 lifehack lightnin lionking "
    "liverpoo liverpool logitech lollipop lonestar lonewolf longhorn loverboy lowrider luckydog "
    "macdaddy mailcreated5240 makaveli manchest manchester mandingo maradona marathon mariners "
    "marlboro maryjane matthew1 maverick meatball meatloaf megadeth melissa1 mercedes meridian "
    "mersedes metallic metallica michael1 michigan microlab microsof microsoft midnight minecraft "
    "mistress mongoose monopoly montreal morpheus motorola mountain munchkin mushroom musicman "
    "mustang1 mustangs ncc1701a ncc1701d ncc1701e nebraska nintendo nuttertools oblivion overlord "
    "pa55w0rd pa55word pakistan panasonic panthers pantyhos paradise pass1234 passport passw0rd "
    "passwor1 password password1 password123 passwort patrick1 patriots pavilion pearljam "
    "peekaboo penguins peterpan phillies phoenix1 pineappl pinkfloy platinum playtime plymouth "
    "poiuytrewq pokemon1 polniypizdec0211 poohbear poontang porkchop pornstar porsche9 portland "
    "portugal precious predator presario princess punisher punkrock pussycat q1w2e3r4 q1w2e3r4t5 "
    "q1w2e3r4t5y6 qawsedrf qazwsx123 qazwsxed qazwsxedc qazwsxedcrfv qazxswedc qweasdzxc qwer1234 "
    "qwerasdf qwert123 qwerty12 qwerty123 qwerty12345 qwerty123456 qwertyui qwertyuio qwertyuiop "
    "ragnarok raiders1 raistlin rammstein rangers1 redalert redskins redwings renegade rfnthbyf "
    "rhbcnbyf richard1 rightnow rjirfrgbde rockhard rockstar rolltide romashka rootbeer rush2112 "
    "sailboat samantha samsung1 sandiego sapphire saratoga satan666 scarface scoobydo scooter1 "
    "scorpion scotland sebastia security seinfeld seminole semperfi sentinel septembe serenity "
    "sexygirl shamrock shaney14 sherlock shithead showtime simpsons sithlord skittles skywalke "
    "skywalker slapshot slipknot snickers snowball snuggles socrates softball software "
    "soso123aljg spanking spartans spectrum spiderma spiderman spitfire squirrel srinivas "
    "stallion starbuck starcraft stardust starfish stargate startrek starwars steelers stephani "
    "stingray stocking stonecol stranger stripper sundance sunshine super123 superfly superman "
    "superstar svetlana sweetpea swimming swingers swordfis swordfish syracuse tacobell tarheels "
    "technics terminator thailand thankyou thuglife thunder1 titleist tottenha treasure trfnthbyf "
    "trombone truelove trustno1 turkey50 twilight ultimate usuckballz1 vacation valentin "
    "valentina valhalla vanhalen verbatim veronika vfrcbvrf viktoria vkontakte vladimir vladislav "
    "warcraft warhammer warriors waterloo webmaster welcome1 werewolf westside wetpussy whatever "
    "whocares wildcats wildfire william1 wolfgang wolfpack wolverin wolverine woofwoof wordpass "
    "wrangler wrinkle1 yankees1 zaq12wsx zaq1xsw2 zeppelin zxcasdqwe zxcv1234 ";

std::unordered_set<std::string_view> Split(std::string_view list) {
  std::unordered_set<std::string_view> words;
  for (size_t end = list.find(' '); end != std::string_view::npos; end = list.find(' ')) {
    words.insert(list.substr(0, end));
    list.remove_prefix(end + 1);
  }
  return words;
}

}  // namespace

bool IsCommonPassword(std::string_view password) {
  static const std::unordered_set<std::string_view> words = Split(kList);
  return words.contains(LowerCase(password));
}

}  // namespace energy::auth
