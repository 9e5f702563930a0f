import { readFileSync } from 'node:fs'
import { globSync } from 'node:fs'

/** One border of the house: which files it is about, what they may not say, and why. */
interface Border {
  readonly name: string
  readonly files: string
  readonly except: RegExp
  readonly forbidden: RegExp
  readonly because: string
}

const nothing = /^$/
const tests = /\.(?:test|cases)\.tsx?$/

const borders: readonly Border[] = [
  {
    name: 'core imports only itself and re2js',
    files: 'packages/core/src/**/*.ts',
    except: tests,
    forbidden: /(?:from|import\()\s*['"](?!\.\/|\.\.\/|re2js['"])[^'"]+['"]/,
    because: 'the same decision must run in the agent, the API and the browser',
  },
  {
    name: 'core takes time and chance as arguments',
    files: 'packages/core/src/**/*.ts',
    except: tests,
    forbidden:
      /\b(?:Date\.now|new Date\(\)|Math\.random|process\.|performance\.|setTimeout|setInterval|crypto\.|console\.|fetch\()/,
    because: 'a decision must be the same whenever and wherever it is made',
  },
  {
    name: 'contracts import core and zod',
    files: 'packages/contracts/src/**/*.ts',
    except: tests,
    forbidden: /(?:from|import\()\s*['"](?!\.\/|\.\.\/|zod['"]|@crossfade\/core\/)[^'"]+['"]/,
    because: 'every program and the browser read them',
  },
  {
    name: 'only the store knows Prisma',
    files: '{apps,packages,examples,e2e,bench}/**/*.{ts,tsx}',
    except: /^apps\/control-plane\/src\/store\//,
    forbidden: /from\s*['"](?:@prisma\/|[^'"]*generated\/client|@electric-sql\/|pg['"])/,
    because: 'what is stored has one place',
  },
  {
    name: 'only one file knows chart.js',
    files: 'apps/dashboard/src/**/*.{ts,tsx}',
    except: /^apps\/dashboard\/src\/shared\/ui\/chart\.tsx$/,
    forbidden: /from\s*['"]chart(?:\.js|js-)/,
    because: 'components draw what pure functions prepare',
  },
  {
    name: 'only main.ts reads the environment',
    files: '{apps,packages}/**/*.{ts,tsx}',
    except: /\/main\.ts$|\.test\.tsx?$|-for-test\.ts$|\.config\.ts$|\/testkit\/|\/generated\//,
    forbidden: /process\.env/,
    because: 'settings have one table and one reader',
  },
  {
    name: 'apps do not import apps',
    files: 'apps/**/*.{ts,tsx}',
    except: nothing,
    forbidden: /from\s*['"](?:@crossfade\/(?:agent|control-plane|dashboard)|[^'"]*apps\/)/,
    because: 'they meet only over contracts',
  },
  {
    name: 'dashboard features do not import each other',
    files: 'apps/dashboard/src/features/**/*.{ts,tsx}',
    except: nothing,
    forbidden: /from\s*['"](?:\.\.\/)+features\//,
    because: 'what two features share lives in shared/',
  },
  {
    name: 'text from outside is parsed by packages/runtime/src/safe-json.ts',
    files: '{apps/agent,apps/control-plane,packages/*}/src/**/*.ts',
    except:
      /\.test\.ts$|\/testkit\/|-for-test\.ts$|(?:^|\/)(?:[a-z-]+-)?rig\.ts$|manual-socket\.ts$|control-plane\/src\/control-plane\.ts$|safe-json\.ts$/,
    forbidden: /\bJSON\.parse\(|\.json\(\)/,
    because: 'a key may reach for prototypes, stand twice, or lie a hundred thousand levels deep',
  },
  {
    name: 'patterns that are no literals go to packages/core/src/regex.ts',
    files: '{apps,packages}/**/src/**/*.{ts,tsx}',
    except: /\.test\.tsx?$|\/testing\/|\/testkit\//,
    forbidden: /\bRegExp\(|\.(?:match|matchAll|search)\(\s*(?:[a-z][\w.]*\.pattern|pattern|`|['"])/,
    because: 'only its engine matches whatever people write in linear time',
  },
  {
    name: 'time comes from a clock',
    files: '{apps/agent,apps/control-plane,packages/runtime}/src/**/*.ts',
    except: /\.test\.ts$|\/main\.ts$|\/runtime\/src\/clock\.ts$|\/generated\/|-worker\.ts$/,
    forbidden: /\b(?:Date\.now\(|Math\.random\(|setTimeout\(|setInterval\(|performance\.now\()/,
    because: 'tests stand time still',
  },
]

/** Lines that cross a border, as `file:line: border`. */
export function crossings(): string[] {
  return borders.flatMap((border) =>
    globSync(border.files)
      .filter(
        (file) =>
          !file.includes('node_modules') && !file.includes('/generated/') && !border.except.test(file),
      )
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line, index) =>
            border.forbidden.test(line) && !/^\s*(?:\/\/|\*|\/\*)/.test(line)
              ? [`${file}:${index + 1}: ${border.name}, because ${border.because}\n    ${line.trim()}`]
              : [],
          ),
      ),
  )
}
