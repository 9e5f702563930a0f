import { Anchor, Button, Menu, type AnchorProps, type ButtonProps, type MenuItemProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { ComponentPropsWithRef } from 'react'

type A<Props> = Props & Omit<ComponentPropsWithRef<'a'>, keyof Props>

/** Mantine's looks with the router's typed `to`, `params` and `search`. */
export const AnchorLink = createLink((props: A<AnchorProps>) => <Anchor {...props} />)
export const ButtonLink = createLink((props: A<ButtonProps>) => <Button component="a" {...props} />)
export const MenuItemLink = createLink((props: A<MenuItemProps>) => <Menu.Item component="a" {...props} />)
